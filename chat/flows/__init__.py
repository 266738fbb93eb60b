"""The life of a prompt.

``send_prompt`` (or ``edit_prompt``, ``regenerate_answer``) stores the prompt, an empty answer and a run in
one transaction, and holds what the run may cost against every limit. After the commit
``chat.relays.background`` starts ``relay_run``: a task of its own, tied to no request and no socket.

    queued ──claim_runs──> running ──finish_run──> finished | stopped | failed
       │                      │
       └──── reap_runs ───────┴────> interrupted        (its lease ran out; a background run is queued again)

A queued run waits for a place: at its provider, where an admin may limit how many requests run at once,
and in a process. ``claim_runs`` gives out places in turn. The queue is in the database, so any process
claims the next run, including runs that another process left behind before they began.

``relay_run`` reads the upstream through ``playground.clients`` and applies each batch of events to
a ``chat.live.run.LiveRun``. A busy provider is asked again a few times, as long as nothing has been
generated; all of that is one run with one hold. Sockets (``chat.sockets``) read the live run with
a cursor of their own and send the events behind it as one frame. ``checkpoint_runs`` appends the new
events of all runs of this process to their logs, in one transaction per tick, and renews their leases.

``send_or_queue`` queues a prompt that comes while its branch ends in a live answer, or too early for a limit
that lets prompts wait.
``send_next_queued`` sends the first queued one after a normal end, and pauses the queue after any other.

``retry_without`` sends the same prompt again without the parameters that an upstream refused,
``retry_longer`` with a higher token limit. ``return_tool_results`` stores the results that a user gives
for an answer's tool calls, and opens the run that continues from there.

``preview_request`` builds the request that a prompt would send, and stores nothing.

``open_title_run`` asks for the title of a conversation after its first answer, if the workspace has chosen
a model for that: a run without a conversation of its own, held, relayed and booked like any other. Its end
gives the title, unless a person has chosen one meanwhile.

Every run ends in ``finish_run``. Its update is conditional, so exactly one caller stores the answer,
settles or releases the hold and announces the end. ``stop_run`` ends a queued run; for a running one
it sets a flag that the next checkpoint reads. ``reap_runs`` ends a run whose process died, with the
answer that its log holds.

A background answer outlives its request (:mod:`chat.flows.follow_background`): its run returns to the
queue when its process ends or dies, and the process that claims it fetches the answer by its id.

A flow that changes something for a user takes that user (or their membership) after the object, as the
actor; the reaper and the chores of a process have none. Refusals are listed in ``chat.exceptions``.
"""
