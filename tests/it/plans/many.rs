//! An organization with very many invitations, members, events, mails and deliveries, which the database makes by
//! itself: a row each, in a minute for a million.

use crate::harness::{Acme, TestApp};
use vestibule_core::service::{NewApiKey, WebhookEndpointEdit};
use vestibule_domain::{Actor, ApiKeyId, Metadata, Permission, ResourceId, RoleId, Surface, UserId, WebhookEndpointId};

/// What is in the organization.
pub struct Many {
    pub acme: Acme,
    /// The number of invitations.
    pub count: u64,
    /// Made one invitation in a hundred.
    pub key: ApiKeyId,
    /// Caused one event in five thousand.
    pub rare_actor: Actor,
    /// Offered by one invitation in fifty, and by all others.
    pub rare_role: RoleId,
    pub usual_role: RoleId,
    /// What one member in fifty is limited to.
    pub resource: ResourceId,
    /// Hears of all events.
    pub endpoint: WebhookEndpointId,
}

impl Many {
    /// Who causes every second event.
    pub fn ada(&self) -> Actor {
        Actor::Member { id: self.acme.user.id, name: self.acme.user.name.clone() }
    }
}

/// The expressions that differ between the databases. `n` is the number of a row.
struct Words {
    is_sqlite: bool,
}

impl Words {
    /// The moment of row `n` in milliseconds: one row a second, the last one an hour ago.
    fn millis(now: i64, count: u64) -> String {
        format!("({} + (n - {count}) * 1000)", now - 3_600_000)
    }

    /// A version 7 UUID of this moment, for a kind of row.
    fn id(&self, millis: &str, kind: u8) -> String {
        match self.is_sqlite {
            true => format!("unhex({})", self.id_text(millis, kind)),
            false => format!("cast({} as uuid)", self.id_text(millis, kind)),
        }
    }

    fn id_text(&self, millis: &str, kind: u8) -> String {
        let hex = |number: &str| match self.is_sqlite {
            true => format!("printf('%012x', {number})"),
            false => format!("lpad(to_hex({number}), 12, '0')"),
        };
        format!("({} || '70008{kind:x}00' || {})", hex(millis), hex("n"))
    }

    fn id_of(&self, id: uuid::Uuid) -> String {
        match self.is_sqlite {
            true => format!("x'{}'", id.simple()),
            false => format!("cast('{id}' as uuid)"),
        }
    }

    fn at(&self, millis: &str) -> String {
        match self.is_sqlite {
            true => format!("{millis} * 1000"),
            false => format!("to_timestamp({millis} / 1000)"),
        }
    }

    fn json(&self, text: &str) -> String {
        if self.is_sqlite { text.to_owned() } else { format!("cast({text} as jsonb)") }
    }

    /// As many bytes, which say `n`.
    fn bytes(&self, length: usize) -> String {
        let digits = 2 * length;
        match self.is_sqlite {
            true => format!("unhex(printf('%0{digits}x', n))"),
            false => format!("decode(lpad(to_hex(n), {digits}, '0'), 'hex')"),
        }
    }
}

impl TestApp {
    /// An organization with so many invitations: a quarter of them in each state.
    pub async fn many(&self, count: u64) -> Many {
        let acme = self.organization("Acme").await;
        let permissions = vec![Permission::UserRead, Permission::UserInvite];
        let new = NewApiKey { surface: Surface::Native, name: "robot".into(), permissions, expires_at: None };
        let (key, _) = self.vestibule.api_keys().create(&acme.scope, &new).await.unwrap();
        let new = WebhookEndpointEdit { url: Some("http://127.0.0.1:9999/".into()), ..WebhookEndpointEdit::default() };
        let (endpoint, _) = self.vestibule.webhook_endpoints().create(&acme.scope, &new).await.unwrap();
        let many = Many {
            count,
            key: key.id,
            rare_actor: Actor::Member { id: UserId::new(self.vestibule.now()), name: acme.user.name.clone() },
            rare_role: self.role(&acme, "admin").await,
            usual_role: self.role(&acme, "member").await,
            resource: self.resource(&acme, "Garden").await,
            endpoint: endpoint.id,
            acme,
        };
        let words = Words { is_sqlite: self.is_sqlite() };
        let trigger = match words.is_sqlite {
            true => self.text("select sql from sqlite_master where name = 'events_head'").await,
            false => String::new(),
        };
        let statements = statements(&words, &many, self.vestibule.now().timestamp_millis(), count, &trigger);
        self.execute(&statements.join(";\n")).await;
        many
    }
}

/// What fills the tables, in one transaction.
fn statements(words: &Words, many: &Many, now: i64, count: u64, trigger: &str) -> Vec<String> {
    let (off, on) = match words.is_sqlite {
        true => ("drop trigger events_head".to_owned(), trigger.to_owned()),
        false => (
            "alter table events disable trigger events_head".to_owned(),
            "alter table events enable trigger events_head".to_owned(),
        ),
    };
    let filling = Filling::of(words, many, now, count);
    let numbers = format!(
        "create table numbers as with recursive counted (n) as (select cast(1 as bigint)
            union all select n + 1 from counted where n < {count}) select n from counted"
    );
    let mut statements = vec!["begin".to_owned(), off, numbers];
    statements.extend(filling.people());
    statements.extend(filling.invitations());
    statements.extend(filling.events());
    statements.extend(filling.others());
    statements.extend(["drop table numbers".to_owned(), on, "commit".to_owned()]);
    statements
}

/// The rows as SQL writes them, with a number `n` for each.
struct Filling<'f> {
    words: &'f Words,
    many: &'f Many,
    now: i64,
    count: u64,
    /// The moment of a row, in milliseconds and as a value.
    millis: String,
    at: String,
    /// The ids of what there is already.
    of: String,
    ada: String,
    key: String,
    usual: String,
    rare: String,
    resource: String,
    /// The ids of a row.
    invitation: String,
    member: String,
    event: String,
    metadata: String,
    ada_acts: String,
}

const ADDRESS: &str = "'person' || n || '@people.example'";
/// The same for the search.
const FOLDED: &str = "' person' || n || ' people example '";

impl<'f> Filling<'f> {
    fn of(words: &'f Words, many: &'f Many, now: i64, count: u64) -> Self {
        let millis = Words::millis(now, count);
        Self {
            at: words.at(&millis),
            of: words.id_of(many.acme.scope.organization().id.uuid()),
            ada: words.id_of(many.acme.user.id.uuid()),
            key: words.id_of(many.key.uuid()),
            usual: words.id_of(many.usual_role.uuid()),
            rare: words.id_of(many.rare_role.uuid()),
            resource: words.id_of(many.resource.uuid()),
            invitation: words.id(&millis, 1),
            member: words.id(&millis, 2),
            event: words.id(&millis, 4),
            metadata: format!("'{}'", serde_json::to_string(&Metadata::default()).unwrap()),
            ada_acts: actor(&many.ada()),
            words,
            many,
            now,
            count,
            millis,
        }
    }

    fn later(&self, days: i64) -> String {
        self.words.at(&(self.now + days * 86_400_000).to_string())
    }

    fn people(&self) -> [String; 5] {
        let Self { words, millis, at, of, usual, rare, resource, invitation, member, metadata, .. } = self;
        let user = words.id(millis, 3);
        [
            // as many as are not all read when one is looked for
            format!(
                "insert into api_keys (id, organization_id, surface, name, permissions, secret_hash, hint, created_by,
                created_at)
                select {}, organization_id, surface, name, permissions, secret_hash, hint, created_by, created_at
                from api_keys, numbers where n <= 500",
                words.id(millis, 7)
            ),
            format!(
                "insert into users (id, email, email_typed, name, search, password_hash, is_email_verified, created_at)
                select {user}, {ADDRESS}, {ADDRESS}, 'Person ' || n, {FOLDED} || 'person ' || n || ' ', '', {}, {at} from numbers
                where n % 4 = 1",
                if words.is_sqlite { "1" } else { "true" }
            ),
            format!(
                "insert into members (id, organization_id, user_id, metadata, invitation_id, joined_at)
                select {member}, {of}, {user}, {}, {invitation}, {at} from numbers where n % 4 = 1",
                words.json(metadata)
            ),
            format!(
                "insert into member_roles (member_id, position, role_id)
                select {member}, 0, case when n % 1000 = 1 then {rare} else {usual} end from numbers where n % 4 = 1"
            ),
            format!(
                "insert into member_resources (member_id, position, resource_id)
                select {member}, 0, {resource} from numbers where n % 200 = 1"
            ),
        ]
    }

    fn invitations(&self) -> [String; 2] {
        let Self { words, at, of, ada, key, usual, rare, invitation, member, metadata, ada_acts, .. } = self;
        [
            format!(
                "insert into invitations (id, organization_id, email, email_typed, name, search, metadata, inviter_id,
                api_key_id, generation, status, created_at, issued_at, expires_at, closed_at, closed_by, member_id,
                mail_state)
                select {invitation}, {of}, {ADDRESS}, {ADDRESS}, null, {FOLDED}, {},
                case when n % 200 in (4, 5) then null else {ada} end, case when n % 200 in (4, 5) then {key} end, 1,
                case n % 4 when 0 then 'pending' when 1 then 'accepted' when 2 then 'revoked' else 'expired' end,
                {at}, {at}, case when n % 4 = 3 then {at} else {} end, case when n % 4 > 0 then {at} end,
                case when n % 4 = 2 then {} end, case when n % 4 = 1 then {member} end,
                case when n % 500 = 1 then 'failed' when n % 10 = 2 then 'link_only' else 'sent' end from numbers",
                words.json(metadata),
                self.later(365),
                words.json(&format!("'{ada_acts}'"))
            ),
            format!(
                "insert into invitation_roles (invitation_id, position, role_id)
                select {invitation}, 0, case when n % 50 = 0 then {rare} else {usual} end from numbers"
            ),
        ]
    }

    fn events(&self) -> [String; 2] {
        let Self { words, many, millis, at, of, invitation, event, ada_acts, .. } = self;
        let (rarely, system, mail) = (actor(&many.rare_actor), actor(&Actor::System), words.id(millis, 5));
        [
            format!(
                "insert into events (id, organization_id, number, at, actor, actor_id, invitation_id, action, fact, search,
                hash)
                select {event}, {of}, 1000 + 2 * n, {at},
                case when n % 5000 = 0 then '{rarely}' when n % 2 = 0 then '{ada_acts}' else '{system}' end,
                case when n % 5000 = 0 then '{}' when n % 2 = 0 then '{}' else 'system' end,
                {invitation}, case when n % 2 = 0 then 'invitation.created' else 'invitation.sent' end,
                case when n % 2 = 0
                then '{{\"action\":\"invitation.created\",\"data\":{{\"email\":\"a@example.com\",\"roles\":[]}}}}'
                else '{{\"action\":\"invitation.sent\",\"data\":{{\"response\":\"250 ok\"}}}}' end, '', {} from numbers",
                many.rare_actor.key(),
                many.ada().key(),
                words.bytes(32)
            ),
            format!(
                "insert into mails (id, organization_id, invitation_id, letter, recipient, state, attempts, tried_since,
                due_at, response, created_at, sent_at, lane, urgency)
                select {mail}, {of}, {invitation}, {}, {ADDRESS}, case when n % 500 = 1 then 'failed' else 'sent' end, 1,
                {at}, {at}, '250 ok', {at}, {at}, {of}, 1 from numbers",
                words.json(&format!(
                    "'{{\"letter\":\"invitation\",\"invitation_id\":\"' || {} || '\",\"generation\":1}}'",
                    words.id_text(millis, 1)
                ))
            ),
        ]
    }

    fn others(&self) -> [String; 4] {
        let Self { words, many, now, count, millis, at, of, ada, event, .. } = self;
        let endpoint = words.id_of(many.endpoint.uuid());
        [
            format!(
                "insert into webhook_deliveries (id, endpoint_id, event_id, state, attempts, due_at, created_at, done_at)
                select {}, {endpoint}, {event}, case when n % 500 = 1 then 'failed' else 'delivered' end, 1, {at}, {at},
                {at}
                from numbers",
                words.id(millis, 6)
            ),
            format!(
                "insert into sessions (id_hash, user_id, created_at, seen_at, expires_at)
                select {}, {ada}, {at}, {}, {} from numbers where n % 5 = 0",
                words.bytes(32),
                self.later(0),
                self.later(1)
            ),
            format!(
                "insert into rate_limits (key, full_at, room) select {}, {}, 1000000 from numbers where n % 5 = 0",
                words.bytes(16),
                (now + 7_200_000) * 1000
            ),
            format!(
                "update organizations set event_count = 1000 + 2 * {count}, mail_retention_days = 30,
                invitation_retention_days = 365 where id = {of}"
            ),
        ]
    }
}

fn actor(actor: &Actor) -> String {
    serde_json::to_string(actor).unwrap().replace('\'', "''")
}
