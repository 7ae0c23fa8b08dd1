// The shape of the database, as an ordered list of steps. A step that was released is never changed: the next
// change is the next step, and a file remembers in `user_version` how many it has seen.

/** Each is one or more statements of SQL, run in a transaction of its own. */
export const MIGRATIONS: readonly string[] = [
  // 1: what oidc-provider keeps, clients, keys, revocations, consents, events
  `CREATE TABLE artifacts (
     model TEXT NOT NULL,
     id TEXT NOT NULL,
     payload BLOB NOT NULL,
     grant_id TEXT,
     account_id TEXT,
     client_id TEXT,
     user_code TEXT,
     uid TEXT,
     consumed_at INTEGER,
     answer BLOB,
     answer_until INTEGER,
     successor TEXT,
     created_at INTEGER NOT NULL,
     expires_at INTEGER,
     PRIMARY KEY (model, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX artifacts_grant ON artifacts (grant_id) WHERE grant_id IS NOT NULL;
   CREATE INDEX artifacts_account ON artifacts (account_id, model) WHERE account_id IS NOT NULL;
   CREATE INDEX artifacts_client ON artifacts (client_id, model) WHERE client_id IS NOT NULL;
   CREATE UNIQUE INDEX artifacts_user_code ON artifacts (user_code) WHERE user_code IS NOT NULL;
   CREATE INDEX artifacts_uid ON artifacts (uid) WHERE uid IS NOT NULL;
   CREATE INDEX artifacts_expiry ON artifacts (expires_at) WHERE expires_at IS NOT NULL;

   CREATE TABLE clients (
     id TEXT PRIMARY KEY,
     origin TEXT NOT NULL CHECK (origin IN ('registered', 'operator')),
     name TEXT,
     payload BLOB NOT NULL,
     created_at INTEGER NOT NULL,
     used_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX clients_unused ON clients (origin, used_at);

   CREATE TABLE signing_keys (
     kid TEXT PRIMARY KEY,
     private_jwk BLOB NOT NULL,
     created_at INTEGER NOT NULL,
     retired_at INTEGER,
     gone_at INTEGER
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE revocations (
     kind TEXT NOT NULL CHECK (kind IN ('grant', 'token', 'client')),
     id TEXT NOT NULL,
     revoked_at INTEGER NOT NULL,
     gone_at INTEGER NOT NULL,
     PRIMARY KEY (kind, id)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE consents (
     account_id TEXT NOT NULL,
     client_id TEXT NOT NULL,
     redirect_uri TEXT NOT NULL,
     resource TEXT NOT NULL,
     scopes TEXT NOT NULL,
     given_at INTEGER NOT NULL,
     PRIMARY KEY (account_id, client_id, redirect_uri, resource)
   ) STRICT, WITHOUT ROWID;`,
  // 2: who may sign in, sign-ins on their way through an outside provider, sessions that were ended
  `CREATE TABLE users (
     subject TEXT PRIMARY KEY,
     provider TEXT,
     name TEXT NOT NULL,
     email TEXT,
     email_verified INTEGER NOT NULL DEFAULT 0,
     groups TEXT NOT NULL DEFAULT '[]',
     password TEXT,
     disabled_at INTEGER,
     created_at INTEGER NOT NULL,
     signed_in_at INTEGER
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE single_use (
     kind TEXT NOT NULL,
     digest BLOB NOT NULL,
     gone_at INTEGER NOT NULL,
     PRIMARY KEY (kind, digest)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX single_use_expiry ON single_use (gone_at);

   ALTER TABLE consents ADD COLUMN client_name TEXT NOT NULL DEFAULT '';`,
  // 3: what commands did, until the audit has it
  `CREATE TABLE told_later (
     id INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     event TEXT NOT NULL
   ) STRICT;`,
  // 4: when every sign-in of a person was ended
  `ALTER TABLE users ADD COLUMN sessions_ended_at INTEGER;`,
  // 5: what was tried too often
  `CREATE TABLE tallies (
     kind TEXT NOT NULL,
     key BLOB NOT NULL,
     count INTEGER NOT NULL,
     at INTEGER NOT NULL,
     gone_at INTEGER NOT NULL,
     PRIMARY KEY (kind, key)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX tallies_expiry ON tallies (kind, gone_at);
   CREATE INDEX tallies_least ON tallies (kind, count, at);`,
  // 6: grants by age, for whoever looks for those that nothing hangs on
  `CREATE INDEX artifacts_grant_age ON artifacts (created_at, id) WHERE model = 'Grant';`,
  // 7: who vouches for a person from outside, since a name in the file may come to mean another provider
  `ALTER TABLE users ADD COLUMN vouched_by TEXT;`,
  // 8: what clients that are gone could have changed their registrations with
  `DELETE FROM artifacts
   WHERE model = 'RegistrationAccessToken' AND client_id NOT IN (SELECT id FROM clients);`,
  // 9: which network holds a client that nobody gave anything to, and how many each of them holds
  `ALTER TABLE clients ADD COLUMN held_by BLOB;
   CREATE INDEX clients_held ON clients (held_by, created_at) WHERE held_by IS NOT NULL;
   CREATE TABLE client_holders (network BLOB PRIMARY KEY, held INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX client_holders_most ON client_holders (held);
   CREATE TRIGGER clients_taken AFTER INSERT ON clients WHEN NEW.held_by IS NOT NULL BEGIN
     INSERT INTO client_holders VALUES (NEW.held_by, 1) ON CONFLICT (network) DO UPDATE SET held = held + 1;
   END;
   CREATE TRIGGER clients_kept AFTER UPDATE OF held_by ON clients
   WHEN OLD.held_by IS NOT NULL AND NEW.held_by IS NULL BEGIN
     UPDATE client_holders SET held = held - 1 WHERE network = OLD.held_by;
     DELETE FROM client_holders WHERE network = OLD.held_by AND held = 0;
   END;
   CREATE TRIGGER clients_gone AFTER DELETE ON clients WHEN OLD.held_by IS NOT NULL BEGIN
     UPDATE client_holders SET held = held - 1 WHERE network = OLD.held_by;
     DELETE FROM client_holders WHERE network = OLD.held_by AND held = 0;
   END;`,
  // 10: which network asked for the code of a device
  `ALTER TABLE artifacts ADD COLUMN held_by BLOB;
   CREATE INDEX artifacts_held ON artifacts (held_by, created_at) WHERE held_by IS NOT NULL;`,
  // 11: refresh tokens of providers, with which they are asked whether they still know somebody
  `CREATE TABLE provider_tokens (subject TEXT PRIMARY KEY, token BLOB NOT NULL, asked_at INTEGER NOT NULL)
     STRICT, WITHOUT ROWID;
   CREATE TRIGGER users_shut_out AFTER UPDATE OF disabled_at ON users WHEN NEW.disabled_at IS NOT NULL BEGIN
     DELETE FROM provider_tokens WHERE subject = NEW.subject;
   END;`,
  // 12: browsers in which people are signed in, passkeys, and links with which somebody gets in again
  `CREATE TABLE login_sessions (
     id TEXT PRIMARY KEY,
     subject TEXT NOT NULL,
     key BLOB NOT NULL,
     payload BLOB NOT NULL,
     began_at INTEGER NOT NULL,
     proved_at INTEGER NOT NULL,
     used_at INTEGER NOT NULL,
     life INTEGER NOT NULL,
     gone_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX login_sessions_subject ON login_sessions (subject, used_at);
   CREATE INDEX login_sessions_expiry ON login_sessions (gone_at);

   CREATE TABLE passkeys (
     id TEXT PRIMARY KEY,
     subject TEXT NOT NULL,
     rp_id TEXT NOT NULL,
     user_handle TEXT NOT NULL,
     public_key BLOB NOT NULL,
     counter INTEGER NOT NULL,
     transports TEXT NOT NULL,
     name TEXT NOT NULL,
     synced INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     used_at INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX passkeys_subject ON passkeys (subject, created_at);

   CREATE TABLE resets (subject TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, gone_at INTEGER NOT NULL)
     STRICT, WITHOUT ROWID;`,
]
