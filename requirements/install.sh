#!/bin/sh
# Install the packages of a lock: install.sh PYTHON LOCK
# pip is either silent for a minute or writes hundreds of lines. A terminal gets one line that changes.

python=$1
lock=$2
total=$(grep -c '^[A-Za-z0-9].*==' "$lock")

show() {
    if [ -t 1 ]; then printf '\r\033[K%s' "$1"; fi
}

echo "Installing the packages of $lock. The first time takes about a minute."
{
    PYTHONUNBUFFERED=1 "$python" -m pip install --progress-bar off --disable-pip-version-check --no-input \
        --require-hashes -r "$lock" || echo "Failed"
} | {
    count=0
    status=0
    while read -r word name _; do
        case $word in
        Collecting | Processing)
            count=$((count + 1))
            show "  $count of about $total: $(basename "${name%%=*}")"
            ;;
        Installing) show "  Unpacking $count packages" ;;
        Failed) status=1 ;;
        esac
    done
    show ""
    exit $status
}
