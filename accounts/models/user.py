from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import BigIntegerField
from django.utils.timezone import now

from accounts.prepared import prepared


class UserManager(BaseUserManager["User"]):
    def get(self, *args: Any, **kwargs: Any) -> User:
        """Return one user. By key alone, as Django asks for each request, the query is compiled once."""
        # A manager of related users is of a class of its own, and looks among those alone.
        if type(self) is not UserManager or args or kwargs.keys() != {"pk"}:
            return super().get(*args, **kwargs)
        for user in _with_key(pk=kwargs["pk"]):
            return user
        raise User.DoesNotExist

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A user. They sign in with the e-mail address, which is stored in lower case."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=now, editable=False)
    # The workspace whose chats they opened last, for addresses that name none.
    last_workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def initial(self) -> str:
        return self.display_name[:1].upper()


@prepared(pk=BigIntegerField())
def _with_key(pk: Any) -> models.QuerySet[User]:
    return User.objects.filter(pk=pk)
