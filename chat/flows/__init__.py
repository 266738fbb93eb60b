"""Life of a prompt.

``send_prompt`` (or ``edit_prompt``, ``regenerate_answer``) stores the prompt, an empty answer and a run in
one transaction, and holds what the run may cost against every limit. After the commit
``chat.relays.background`` starts ``relay_run``: a task of its own, tied to no request and no socket.

    queued ──claim_runs──> running ──finish_run──> finished | stopped | failed
       │                      │
       └──── reap_runs ───────┴────> interrupted        (its lease ran out)

A queued run waits for a place: at its provider, where an admin has set how many requests may run there,
and in a process. ``claim_runs`` gives places in turn; the queue is the database's, so any process takes
who is next, and what a process leaves behind that has not begun is taken over.

``relay_run`` reads the upstream through ``playground.clients`` and applies each batch of events to
a ``chat.live.run.LiveRun``. A provider that is busy is asked again, a few times and only while nothing
has been generated: for all that it is one run with one hold. Sockets (``chat.sockets``) read the
live run with a cursor of their own and send what they lack as one frame. ``checkpoint_runs`` appends
the new events of all runs of this process to their logs, in one transaction per tick, and renews
their leases.

``retry_without`` asks the same prompt again without the parameters that an upstream refused,
``retry_longer`` with a higher token limit. ``return_tool_results`` stores what a person says that
came of an answer's calls, and opens the run that goes on from there.

Whatever happens, a run ends in ``finish_run``: one conditional update decides who ends it; the
winner stores the answer, settles or releases the hold and announces it. ``stop_run`` only asks;
the relay sees it. ``reap_runs`` puts an answer together from the log of a run whose process died.
"""
