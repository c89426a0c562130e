/**
 * The schema as numbered, forward-only SQL. `docs/schema.sql` is generated from it.
 *
 * Truth: definitions, sources, deployments, schedules, schedule_slots, event_deliveries, blobs, journals, run_events, mailbox, audit, engines. Triggers refuse to change or remove it,
 * save through retention. Everything else is derived, breakers from audit and the rest from run_events, and can be rebuilt.
 *
 * Runs are numbered inside: an entry's index key is 8 bytes instead of 40, and a commit of 100 runs touches half the pages.
 */

/**
 * Moves between top states (reliability §2, I-5). `~` sorts behind every dotted part; comparing costs a fifth of matching a pattern.
 */
const LEGAL_MOVE = `CASE
    WHEN from_state = '' THEN to_state BETWEEN 'pending' AND 'pending~'
    WHEN from_state BETWEEN 'pending' AND 'pending~' THEN to_state BETWEEN 'running' AND 'running~' OR to_state = 'canceled' OR to_state BETWEEN 'pending' AND 'pending~'
      OR (actor <> 'run' AND to_state = 'skipped')
    WHEN from_state BETWEEN 'running' AND 'running~' THEN to_state IN ('succeeded', 'failed', 'canceled', 'quarantined') OR to_state BETWEEN 'running' AND 'running~'
      OR (actor <> 'run' AND to_state IN ('retrying', 'skipped'))
    WHEN from_state = 'retrying' THEN actor <> 'run'
      AND (to_state BETWEEN 'running' AND 'running~' OR to_state IN ('retrying', 'failed', 'canceled', 'quarantined'))
    WHEN from_state = 'quarantined' THEN to_state IN ('quarantined', 'failed', 'canceled')
      OR CASE WHEN actor = 'run' THEN to_state BETWEEN 'running' AND 'running~' ELSE to_state IN ('skipped', 'succeeded') OR to_state BETWEEN 'pending' AND 'pending~' END
    ELSE 0 END`;

const TRUTH = `
CREATE TABLE definitions (
  hash TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  file TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX definitions_by_name ON definitions (name, created_at);

CREATE TABLE blobs (
  hash TEXT NOT NULL PRIMARY KEY,
  bytes INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE journals (
  -- Numbers for run ids.
  run INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE run_events (
  -- One row per transition; position orders the whole store.
  -- hash = sha256(hash of the entry before || canonical entry); before the first comes the run's id.
  position INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  actor TEXT NOT NULL,
  type TEXT NOT NULL,
  consumed TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  data TEXT NOT NULL,
  cause_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (run, seq),
  CONSTRAINT legal_move CHECK (${LEGAL_MOVE})
) STRICT;

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL,
  cause_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  taken INTEGER NOT NULL DEFAULT 0,
  UNIQUE (run_id, cause_id)
) STRICT;
CREATE INDEX mailbox_waiting ON mailbox (id) WHERE taken = 0;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  what TEXT NOT NULL,
  data TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE engines (
  -- One row per engine that owned the store; the highest epoch owns it.
  epoch INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  clean INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE retention (
  -- Runs that the transaction at hand removes; empty otherwise. Opens the triggers below.
  run INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE watermark (
  -- Highest position that a removed entry ever had: positions are never reused.
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL
) STRICT;
INSERT INTO watermark VALUES (1, 0);

CREATE TRIGGER definitions_stay BEFORE UPDATE ON definitions BEGIN SELECT RAISE(ABORT, 'definitions never change'); END;
CREATE TRIGGER definitions_kept BEFORE DELETE ON definitions BEGIN SELECT RAISE(ABORT, 'definitions are kept'); END;
CREATE TRIGGER blobs_stay BEFORE UPDATE ON blobs BEGIN SELECT RAISE(ABORT, 'blobs never change'); END;
CREATE TRIGGER blobs_kept BEFORE DELETE ON blobs WHEN NOT EXISTS (SELECT 1 FROM retention)
  BEGIN SELECT RAISE(ABORT, 'blobs go by retention only'); END;
CREATE TRIGGER journals_stay BEFORE UPDATE ON journals BEGIN SELECT RAISE(ABORT, 'journals never change'); END;
CREATE TRIGGER journals_kept BEFORE DELETE ON journals WHEN NOT EXISTS (SELECT 1 FROM retention WHERE run = OLD.run)
  BEGIN SELECT RAISE(ABORT, 'journals go by retention only'); END;
CREATE TRIGGER run_events_stay BEFORE UPDATE ON run_events BEGIN SELECT RAISE(ABORT, 'entries never change'); END;
CREATE TRIGGER run_events_kept BEFORE DELETE ON run_events WHEN NOT EXISTS (SELECT 1 FROM retention WHERE run = OLD.run)
  BEGIN SELECT RAISE(ABORT, 'entries go by retention only'); END;
CREATE TRIGGER mailbox_stays BEFORE UPDATE OF id, run_id, cause_id, at, event ON mailbox
  BEGIN SELECT RAISE(ABORT, 'letters never change'); END;
CREATE TRIGGER mailbox_kept BEFORE DELETE ON mailbox WHEN NOT EXISTS (SELECT 1 FROM retention WHERE id = OLD.run_id)
  BEGIN SELECT RAISE(ABORT, 'letters go by retention only'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log never changes'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is kept'); END;
`;

const DERIVED = `
CREATE TABLE run_starts (
  -- What a run was started with. Large values stay here: a transition rewrites the small row of run_states only.
  run INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  workflow TEXT NOT NULL,
  definition TEXT NOT NULL REFERENCES definitions (hash),
  priority INTEGER NOT NULL,
  input TEXT NOT NULL,
  labels TEXT NOT NULL,
  parent TEXT,
  steps_total INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX run_starts_by_workflow ON run_starts (workflow, run);
CREATE INDEX run_starts_by_tenant ON run_starts (tenant, run);

CREATE TABLE run_states (
  -- steps_active counts steps that hold or ask for a place; costs are billionths of a dollar.
  run INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  top_state TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  steps_done INTEGER NOT NULL,
  steps_active INTEGER NOT NULL,
  cost_nanos INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  timer TEXT,
  due_at INTEGER,
  output TEXT,
  error TEXT
) STRICT;
CREATE INDEX run_states_by_state ON run_states (top_state, run);
CREATE INDEX run_states_due ON run_states (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE steps (
  -- One outcome per (run, step, item) (I-3): the key below, writers that name the state they leave, and legal_move on the entry.
  run INTEGER NOT NULL,
  step_id TEXT NOT NULL,
  item_key TEXT NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  timer TEXT,
  due_at INTEGER,
  cost_nanos INTEGER NOT NULL,
  PRIMARY KEY (run, step_id, item_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX steps_due ON steps (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE step_attempts (
  run INTEGER NOT NULL,
  step_id TEXT NOT NULL,
  item_key TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  tool TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  error TEXT,
  cost_nanos INTEGER,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (run, step_id, item_key, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_uses (
  run INTEGER NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (run, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_uses_by_hash ON blob_uses (hash);

CREATE VIEW runs AS
  SELECT run, id, tenant, workflow, definition, state, top_state, priority, input, output, error, labels, parent,
    created_at, started_at, ended_at, cost_nanos, steps_total, steps_done, steps_active, last_seq
  FROM journals JOIN run_starts USING (run) JOIN run_states USING (run);

CREATE VIEW timers AS
  -- An actor has one live timer at most: a column of its row.
  SELECT run, 'run' AS actor, timer, due_at FROM run_states WHERE due_at IS NOT NULL
  UNION ALL
  SELECT run, step_id, timer, due_at FROM steps WHERE due_at IS NOT NULL;
`;

/** Whoever wrote a letter that was refused reads here why, as JSON. */
const REFUSALS = `
ALTER TABLE mailbox ADD COLUMN refusal TEXT;
`;

const BREAKERS = `
CREATE TABLE breakers (
  -- The last move of each circuit breaker; revision is the id of its note in the audit log.
  tenant TEXT NOT NULL,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  context TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (tenant, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX breakers_by_revision ON breakers (revision);
CREATE INDEX step_attempts_by_tool ON step_attempts (tool, run) WHERE tool IS NOT NULL;
`;

const DEPLOYMENTS = `
CREATE TABLE sources (
  -- Texts of deployed workflows, by their SHA-256.
  hash TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE deployments (
  -- Every act of deploying or removing a workflow (definition is null then); the last one of a tenant's name counts. revision is the id of
  -- its note in the audit log.
  revision INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  definition TEXT REFERENCES definitions (hash),
  source TEXT REFERENCES sources (hash),
  title TEXT,
  steps INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX deployments_by_name ON deployments (tenant, name, revision);

CREATE TRIGGER sources_stay BEFORE UPDATE ON sources BEGIN SELECT RAISE(ABORT, 'sources never change'); END;
CREATE TRIGGER sources_kept BEFORE DELETE ON sources BEGIN SELECT RAISE(ABORT, 'sources are kept'); END;
CREATE TRIGGER deployments_stay BEFORE UPDATE ON deployments BEGIN SELECT RAISE(ABORT, 'deployments never change'); END;
CREATE TRIGGER deployments_kept BEFORE DELETE ON deployments BEGIN SELECT RAISE(ABORT, 'deployments are kept'); END;

-- What a step waits for stands in the entry that parked it.
CREATE INDEX run_events_parked ON run_events (run, actor, seq) WHERE to_state = 'running.parked';
CREATE INDEX run_events_quarantined ON run_events (run, actor, seq) WHERE to_state = 'quarantined';
-- What was spent is asked for by day; most attempts cost nothing, and are not in here.
CREATE INDEX step_attempts_by_cost ON step_attempts (ended_at) WHERE cost_nanos > 0;
`;

/** Neither truth nor derived: what people are told, and what has become of it. */
const NOTIFICATIONS = `
CREATE TABLE notifications (
  -- One row a message. The id is made from rule and event; number is the order in which they were decided.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  rule TEXT NOT NULL,
  channel TEXT NOT NULL,
  tenant TEXT NOT NULL,
  run_id TEXT,
  type TEXT NOT NULL,
  action TEXT NOT NULL,
  thread TEXT NOT NULL,
  scope TEXT NOT NULL,
  window_at INTEGER NOT NULL,
  gathers INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'dropped', 'grouped')),
  events INTEGER NOT NULL DEFAULT 1,
  facts TEXT NOT NULL,
  at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER,
  error TEXT
) STRICT;
CREATE INDEX notifications_due ON notifications (rule, due_at) WHERE state = 'pending';
CREATE INDEX notifications_by_thread ON notifications (rule, thread, number);
CREATE INDEX notifications_by_window ON notifications (rule, scope, window_at);
CREATE INDEX notifications_ended ON notifications (number) WHERE state <> 'pending';

CREATE TABLE notify_cursor (
  -- How far journal and audit log were read; written together with what was decided.
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL,
  audit INTEGER NOT NULL
) STRICT;

CREATE TABLE notify_counts (
  channel TEXT NOT NULL,
  outcome TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (channel, outcome)
) STRICT, WITHOUT ROWID;
`;

/** Truth too: that a slot was decided and a delivery taken is written nowhere else. */
const TRIGGERS = `
CREATE TABLE schedules (
  -- Up to when the slots of each schedule are decided, by which rule, and who stopped it. revision is the id of the note of that, or 0.
  tenant TEXT NOT NULL,
  workflow TEXT NOT NULL,
  schedule TEXT NOT NULL,
  rule TEXT NOT NULL,
  decided_until INTEGER NOT NULL,
  stopped TEXT CHECK (stopped IN ('paused', 'quarantined')),
  stopped_by TEXT,
  stopped_at INTEGER,
  reason TEXT,
  revision INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, workflow, schedule)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_by_revision ON schedules (revision);

CREATE TABLE schedule_slots (
  -- One row for each slot, for ever (I-23): a slot that is decided is never decided again.
  tenant TEXT NOT NULL,
  workflow TEXT NOT NULL,
  schedule TEXT NOT NULL,
  slot_at INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('due', 'queued', 'started', 'skipped', 'missed', 'failed')),
  definition TEXT NOT NULL,
  run TEXT,
  reason TEXT,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, workflow, schedule, slot_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_slots_open ON schedule_slots (slot_at) WHERE outcome IN ('due', 'queued');

CREATE TABLE event_deliveries (
  -- Events from outside, by the id of their delivery (I-9): what each starts, and what its sender was told once that had happened.
  tenant TEXT NOT NULL,
  event TEXT NOT NULL,
  delivery TEXT NOT NULL,
  digest TEXT NOT NULL,
  plan TEXT NOT NULL,
  answer TEXT,
  at INTEGER NOT NULL,
  kept_until INTEGER NOT NULL,
  PRIMARY KEY (tenant, event, delivery)
) STRICT;
CREATE INDEX event_deliveries_open ON event_deliveries (at) WHERE answer IS NULL;
CREATE INDEX event_deliveries_by_end ON event_deliveries (kept_until) WHERE answer IS NOT NULL;
`;

/** Who waits for people is asked by every open dashboard: found without a look at who waits for the time. */
const ATTENTION = `
-- What a parked step waits for.
ALTER TABLE steps ADD COLUMN parked_on TEXT;
UPDATE steps SET parked_on = (
    SELECT data ->> '$.until.parking.kind' FROM run_events
    WHERE run_events.run = steps.run AND actor = step_id AND to_state = 'running.parked' ORDER BY seq DESC LIMIT 1
  ) WHERE state = 'running.parked';
CREATE INDEX steps_parked ON steps (parked_on) WHERE parked_on IS NOT NULL;
CREATE INDEX steps_quarantined ON steps (run) WHERE state = 'quarantined';
CREATE INDEX run_starts_by_owner ON run_starts (tenant, workflow, run);
`;

/** Entry n makes schema n + 1 out of schema n. */
export const MIGRATIONS: readonly string[] = [TRUTH + DERIVED, REFUSALS, BREAKERS, DEPLOYMENTS, NOTIFICATIONS, TRIGGERS, ATTENTION];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Marks the file as ours (`PRAGMA application_id`): "TRPE". */
export const APPLICATION_ID = 0x54525045;

/** Every derived table, in an order in which rows can be removed. */
export const DERIVED_TABLES = ["blob_uses", "step_attempts", "steps", "run_states", "run_starts", "breakers"] as const;
