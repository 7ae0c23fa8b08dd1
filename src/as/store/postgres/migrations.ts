// The shape of the tables, as an ordered list of steps. A step that was released is never changed: the next change is the
// next step, and the table `steps` remembers how many a schema has seen. Columns are those of the file of SQLite; texts
// compare byte by byte, and what may be very long is found by a digest.

/** Each is run with the schema as its search path, in one transaction with the others. */
export const POSTGRES_MIGRATIONS: readonly string[] = [
  `CREATE TABLE turns ();
   CREATE TABLE artifacts (
     model text COLLATE "C" NOT NULL,
     id text COLLATE "C" NOT NULL,
     payload bytea NOT NULL,
     grant_id text COLLATE "C",
     account_id text COLLATE "C",
     client_id text COLLATE "C",
     user_code text COLLATE "C",
     uid text COLLATE "C",
     consumed_at bigint,
     answer bytea,
     answer_until bigint,
     successor text COLLATE "C",
     created_at bigint NOT NULL,
     expires_at bigint,
     held_by bytea,
     PRIMARY KEY (model, id)
   );
   CREATE INDEX artifacts_grant ON artifacts (grant_id) WHERE grant_id IS NOT NULL;
   CREATE INDEX artifacts_account ON artifacts (account_id, model) WHERE account_id IS NOT NULL;
   CREATE INDEX artifacts_client ON artifacts (hashtextextended(client_id, 0), model) WHERE client_id IS NOT NULL;
   CREATE UNIQUE INDEX artifacts_user_code ON artifacts (user_code) WHERE user_code IS NOT NULL;
   CREATE INDEX artifacts_uid ON artifacts (uid) WHERE uid IS NOT NULL;
   CREATE INDEX artifacts_expiry ON artifacts (expires_at) WHERE expires_at IS NOT NULL;
   CREATE INDEX artifacts_grant_age ON artifacts (created_at, id) WHERE model = 'Grant';
   CREATE INDEX artifacts_held ON artifacts (held_by, created_at) WHERE held_by IS NOT NULL;

   CREATE TABLE clients (
     id text COLLATE "C" PRIMARY KEY,
     origin text NOT NULL CHECK (origin IN ('registered', 'operator')),
     name text,
     payload bytea NOT NULL,
     created_at bigint NOT NULL,
     used_at bigint NOT NULL,
     held_by bytea
   );
   CREATE INDEX clients_unused ON clients (origin, used_at);
   CREATE INDEX clients_held ON clients (held_by, created_at) WHERE held_by IS NOT NULL;

   CREATE TABLE client_holders (network bytea PRIMARY KEY, held bigint NOT NULL);
   CREATE INDEX client_holders_most ON client_holders (held);
   CREATE FUNCTION count_holder() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     IF TG_OP = 'INSERT' THEN
       INSERT INTO client_holders VALUES (NEW.held_by, 1)
         ON CONFLICT (network) DO UPDATE SET held = client_holders.held + 1;
     ELSE
       UPDATE client_holders SET held = held - 1 WHERE network = OLD.held_by;
       DELETE FROM client_holders WHERE network = OLD.held_by AND held <= 0;
     END IF;
     RETURN NULL;
   END $$;
   CREATE TRIGGER clients_taken AFTER INSERT ON clients
     FOR EACH ROW WHEN (NEW.held_by IS NOT NULL) EXECUTE FUNCTION count_holder();
   CREATE TRIGGER clients_kept AFTER UPDATE OF held_by ON clients
     FOR EACH ROW WHEN (OLD.held_by IS NOT NULL AND NEW.held_by IS NULL) EXECUTE FUNCTION count_holder();
   CREATE TRIGGER clients_gone AFTER DELETE ON clients
     FOR EACH ROW WHEN (OLD.held_by IS NOT NULL) EXECUTE FUNCTION count_holder();

   CREATE TABLE signing_keys (
     kid text COLLATE "C" PRIMARY KEY,
     private_jwk bytea NOT NULL,
     created_at bigint NOT NULL,
     retired_at bigint,
     gone_at bigint
   );

   CREATE TABLE revocations (
     kind text NOT NULL CHECK (kind IN ('grant', 'token', 'client')),
     id text COLLATE "C" NOT NULL,
     revoked_at bigint NOT NULL,
     gone_at bigint NOT NULL
   );
   CREATE INDEX revocations_expiry ON revocations (gone_at);

   CREATE TABLE consents (
     digest bytea PRIMARY KEY,
     account_id text COLLATE "C" NOT NULL,
     client_id text COLLATE "C" NOT NULL,
     redirect_uri text NOT NULL,
     resource text NOT NULL,
     scopes text NOT NULL,
     given_at bigint NOT NULL,
     client_name text NOT NULL
   );
   CREATE INDEX consents_account ON consents (account_id, given_at);

   CREATE TABLE users (
     subject text COLLATE "C" PRIMARY KEY,
     provider text COLLATE "C",
     vouched_by text COLLATE "C",
     name text NOT NULL,
     email text,
     email_verified bigint NOT NULL DEFAULT 0,
     groups text NOT NULL DEFAULT '[]',
     password text,
     disabled_at bigint,
     created_at bigint NOT NULL,
     signed_in_at bigint,
     sessions_ended_at bigint
   );
   CREATE TABLE provider_tokens (
     subject text COLLATE "C" PRIMARY KEY,
     token bytea NOT NULL,
     asked_at bigint NOT NULL
   );
   CREATE FUNCTION forget_provider_token() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     DELETE FROM provider_tokens WHERE subject = NEW.subject;
     RETURN NULL;
   END $$;
   CREATE TRIGGER users_shut_out AFTER UPDATE OF disabled_at ON users
     FOR EACH ROW WHEN (NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION forget_provider_token();

   CREATE TABLE single_use (
     kind text NOT NULL,
     digest bytea NOT NULL,
     gone_at bigint NOT NULL,
     PRIMARY KEY (kind, digest)
   );
   CREATE INDEX single_use_expiry ON single_use (gone_at);

   CREATE TABLE told_later (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     at bigint NOT NULL,
     event text NOT NULL
   );

   CREATE TABLE tallies (
     kind text NOT NULL,
     key bytea NOT NULL,
     count bigint NOT NULL,
     at bigint NOT NULL,
     gone_at bigint NOT NULL,
     PRIMARY KEY (kind, key)
   );
   CREATE INDEX tallies_expiry ON tallies (kind, gone_at);
   CREATE INDEX tallies_least ON tallies (kind, count, at);`,
  // 2: what every process has to know of, whoever did it; the channel only wakes
  `CREATE TABLE changes (
     xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
     kind text NOT NULL,
     id text NOT NULL,
     at bigint NOT NULL,
     written_at timestamptz NOT NULL DEFAULT now()
   );
   CREATE INDEX changes_xid ON changes (xid);
   CREATE INDEX changes_written ON changes (written_at);
   CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     CASE TG_TABLE_NAME
       WHEN 'revocations' THEN
         INSERT INTO changes (kind, id, at) VALUES (NEW.kind, NEW.id, NEW.revoked_at);
       WHEN 'users' THEN
         INSERT INTO changes (kind, id, at) VALUES ('person', NEW.subject, 0);
       ELSE
         INSERT INTO changes (kind, id, at) VALUES ('key', NEW.kid, 0);
     END CASE;
     PERFORM pg_notify(current_schema() || '_changes', '');
     RETURN NULL;
   END $$;
   CREATE TRIGGER revocations_noted AFTER INSERT ON revocations FOR EACH ROW EXECUTE FUNCTION note_change();
   CREATE TRIGGER users_noted AFTER INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note_change();
   CREATE TRIGGER keys_noted AFTER INSERT OR UPDATE ON signing_keys FOR EACH ROW EXECUTE FUNCTION note_change();`,
  // 3: browsers in which people are signed in, passkeys, and links with which somebody gets in again
  `CREATE TABLE login_sessions (
     id text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C" NOT NULL,
     key bytea NOT NULL,
     payload bytea NOT NULL,
     began_at bigint NOT NULL,
     proved_at bigint NOT NULL,
     used_at bigint NOT NULL,
     life bigint NOT NULL,
     gone_at bigint NOT NULL
   );
   CREATE INDEX login_sessions_subject ON login_sessions (subject, used_at);
   CREATE INDEX login_sessions_expiry ON login_sessions (gone_at);

   CREATE TABLE passkeys (
     id text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C" NOT NULL,
     rp_id text NOT NULL,
     user_handle text NOT NULL,
     public_key bytea NOT NULL,
     counter bigint NOT NULL,
     transports text NOT NULL,
     name text NOT NULL,
     synced bigint NOT NULL,
     created_at bigint NOT NULL,
     used_at bigint
   );
   CREATE INDEX passkeys_subject ON passkeys (subject, created_at);

   CREATE TABLE resets (subject text COLLATE "C" PRIMARY KEY, digest bytea NOT NULL UNIQUE, gone_at bigint NOT NULL);`,
]
