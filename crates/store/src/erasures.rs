//! The erasure of a person in an organization: who they are, what is kept about them, and what replaces them.

use super::{
    Error, LockedTx, Tx,
    lists::List,
    on, prune,
    subject::{Erasures, ErasuresMut, MailsMut, UsersMut},
    values::{Value, bound},
};
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;
use vestibule_domain::{
    Actor, ErasedPerson, ErasureStage, Instant, KeptData, MemberId, Metadata, OrganizationId, UserId, search::folded,
};

/// The most names of one person that are searched for.
const NAMES: i64 = 50;

/// An erasure in progress.
#[derive(Clone, Debug)]
pub struct ErasureRow {
    pub id: Uuid,
    pub person: ErasedPerson,
    pub stage: ErasureStage,
}

#[derive(sqlx::FromRow)]
struct InvitationTexts {
    id: Uuid,
    message: Option<String>,
    metadata: Json<Metadata>,
    redirect_url: Option<String>,
    decline_reason: Option<String>,
    closed_by: Option<Json<Actor>>,
}

impl Erasures<'_> {
    /// Counts what the organization keeps about the email address, and about its account.
    pub async fn kept_on(&mut self, of: OrganizationId, email: &str, user: Option<UserId>) -> Result<KeptData, Error> {
        const INVITATIONS: &str = "select count(*) from invitations where organization_id = $1 and email = $2";
        const MAILS: &str = "select count(*) from mails where organization_id = $1 and lower(recipient) = $2";
        const INVITED: &str = "select count(*) from invitations where organization_id = $1 and inviter_id = $2";
        const KEYS: &str = "select count(*) from api_keys where organization_id = $1 and maker_id = $2";
        const WEBHOOKS: &str = "select count(*) from webhook_endpoints where organization_id = $1 and maker_id = $2";
        const EVENTS: &str = "select count(*) from (
            select id from events where organization_id = $1 and actor_id = $3
            union select e.id from events e join invitations i on i.id = e.invitation_id
                where i.organization_id = $1 and i.email = $2
            union select e.id from events e join invitations i on i.member_id = e.member_id
                where i.organization_id = $1 and i.email = $2
            union select e.id from events e join members m on m.id = e.member_id
                where m.organization_id = $1 and m.user_id = $4) found";
        let (id, user_id) = (of.uuid(), user.map(UserId::uuid));
        let mut count = async |sql: &'static str, of: Counted<'_>| -> Result<u64, Error> {
            let count: i64 = match of {
                Counted::Address(email) => {
                    on!(self.0, |c| sqlx::query_scalar(sql).bind(id).bind(email).fetch_one(c).await)?
                }
                Counted::User(user) => on!(self.0, |c| sqlx::query_scalar(sql).bind(id).bind(user).fetch_one(c).await)?,
            };
            Ok(count.unsigned_abs())
        };
        let (invitations, mails) =
            (count(INVITATIONS, Counted::Address(email)).await?, count(MAILS, Counted::Address(email)).await?);
        let invited = count(INVITED, Counted::User(user_id)).await?;
        let (api_keys, webhooks) =
            (count(KEYS, Counted::User(user_id)).await?, count(WEBHOOKS, Counted::User(user_id)).await?);
        let actor = user.map(|user| user.to_string());
        let events: i64 = on!(self.0, |c| sqlx::query_scalar(EVENTS)
            .bind(id)
            .bind(email)
            .bind(actor)
            .bind(user_id)
            .fetch_one(c)
            .await)?;
        Ok(KeptData {
            account: user.is_some(),
            invitations,
            invited,
            mails,
            events: events.unsigned_abs(),
            api_keys,
            webhooks,
            ..KeptData::default()
        })
    }

    /// Checks whether the organization keeps anything about the email address or its account, apart from a membership.
    /// Each part only reads the beginning of an index, however much there is.
    pub async fn keeps_anything_on(
        &mut self,
        of: OrganizationId,
        email: &str,
        user: Option<UserId>,
    ) -> Result<bool, Error> {
        const SQL: &str = "select count(*) from (select 1 as one
            where exists (select 1 from invitations where organization_id = $1 and email = $2)
            or exists (select 1 from mails where organization_id = $1 and lower(recipient) = $2)
            or exists (select 1 from invitations where organization_id = $1 and inviter_id = $3)
            or exists (select 1 from api_keys where organization_id = $1 and maker_id = $3)
            or exists (select 1 from webhook_endpoints where organization_id = $1 and maker_id = $3)
            or exists (select 1 from events where organization_id = $1 and actor_id = $4)) found";
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(SQL)
            .bind(of.uuid())
            .bind(email)
            .bind(user.map(UserId::uuid))
            .bind(user.map(|user| user.to_string()))
            .fetch_one(c)
            .await)?;
        Ok(count > 0)
    }

    /// Returns the names in the invitations to this email address, at most 50.
    pub async fn names_of_address(&mut self, of: OrganizationId, email: &str) -> Result<Vec<String>, Error> {
        const SQL: &str = "select distinct name from invitations
            where organization_id = $1 and email = $2 and name is not null limit $3";
        on!(self.0, |c| sqlx::query_scalar(SQL).bind(of.uuid()).bind(email).bind(NAMES).fetch_all(c).await)
    }

    /// Returns the memberships that began with an invitation to this email address, that the account's owner left, or
    /// that a founder with this name received when the organization was created. They include past ones.
    pub async fn memberships_of(
        &mut self,
        of: OrganizationId,
        email: &str,
        user: Option<(UserId, &str)>,
    ) -> Result<Vec<MemberId>, Error> {
        const INVITED: &str = "select member_id from invitations
            where organization_id = $1 and email = $2 and member_id is not null";
        const LEFT: &str = "select member_id from events where organization_id = $1 and actor_id = $2
            and action = 'member.left' and member_id is not null";
        const FOUNDED: &str = "select e.member_id from events e where e.organization_id = $1 and e.number = 1
            and e.action = 'member.added' and e.search = '' and e.actor_id = 'system' and e.fact like $2 escape '\\'";
        let id = of.uuid();
        let mut ids: Vec<Uuid> = on!(self.0, |c| sqlx::query_scalar(INVITED).bind(id).bind(email).fetch_all(c).await)?;
        if let Some((user_id, name)) = user {
            let left: Vec<Uuid> =
                on!(self.0, |c| sqlx::query_scalar(LEFT).bind(id).bind(user_id.to_string()).fetch_all(c).await)?;
            ids.extend(left);
            let name = serde_json::to_string(name).map_err(|error| Error::Encode(error.into()))?;
            let name = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let pattern = format!("%\"name\":{name}%");
            let founded: Vec<Uuid> =
                on!(self.0, |c| sqlx::query_scalar(FOUNDED).bind(id).bind(pattern).fetch_all(c).await)?;
            ids.extend(founded);
        }
        Ok(ids.into_iter().map(Into::into).collect())
    }

    /// Returns the organizations with an erasure in progress, at most `limit`.
    pub async fn organizations_to_erase(&mut self, limit: u32) -> Result<Vec<OrganizationId>, Error> {
        const SQL: &str = "select distinct organization_id from erasures order by organization_id limit $1";
        let rows: Vec<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL).bind(i64::from(limit)).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// What the rows to count are found by.
#[derive(Clone, Copy)]
enum Counted<'a> {
    Address(&'a str),
    User(Option<Uuid>),
}

impl ErasuresMut<'_, LockedTx> {
    /// Returns the organization's oldest erasure in progress.
    pub async fn first(&mut self, of: OrganizationId) -> Result<Option<ErasureRow>, Error> {
        const SQL: &str = "select id, person, stage from erasures where organization_id = $1 order by id limit 1";
        let row: Option<(Uuid, Json<ErasedPerson>, Json<ErasureStage>)> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(of.uuid()).fetch_optional(c).await)?;
        Ok(row.map(|(id, person, stage)| ErasureRow { id, person: person.0, stage: stage.0 }))
    }

    pub async fn add(&mut self, of: OrganizationId, row: &ErasureRow) -> Result<(), Error> {
        const SQL: &str = "insert into erasures (id, organization_id, person, stage) values ($1, $2, $3, $4)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(row.id)
            .bind(of.uuid())
            .bind(Json(&row.person))
            .bind(Json(&row.stage))
            .execute(c)
            .await
            .map(drop))
    }

    pub async fn save_stage(&mut self, id: Uuid, stage: ErasureStage) -> Result<(), Error> {
        const SQL: &str = "update erasures set stage = $2 where id = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id).bind(Json(&stage)).execute(c).await.map(drop))
    }

    /// Removes the erasure, and with it the knowledge whom the pseudonym stands for.
    pub async fn remove(&mut self, id: Uuid) -> Result<(), Error> {
        const SQL: &str = "delete from erasures where id = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id).execute(c).await.map(drop))
    }

    /// Ends the acceptance sessions to the person's invitations, and replaces the contents of these invitations. None
    /// of them may be pending.
    pub async fn erase_invitations_to(&mut self, of: OrganizationId, person: &ErasedPerson) -> Result<(), Error> {
        const VISITS: &str = "delete from acceptance_sessions where invitation_id in
            (select id from invitations where organization_id = $1 and email = $2)";
        const REPLACE: &str =
            "update invitations set email = $3, email_typed = $3, name = $4, search = $5, message = null,
            metadata = $6, redirect_url = null, locale = null, decline_reason = null, remind_at = null
            where organization_id = $1 and email = $2";
        let (address, name) = (person.address(), person.pseudonym());
        on!(self.0, |c| sqlx::query(VISITS).bind(of.uuid()).bind(&person.email).execute(c).await.map(drop))?;
        on!(self.0, |c| sqlx::query(REPLACE)
            .bind(of.uuid())
            .bind(&person.email)
            .bind(address.as_str())
            .bind(&name)
            .bind(folded(&format!("{address} {name}")))
            .bind(Json(&Metadata::default()))
            .execute(c)
            .await
            .map(drop))
    }

    /// Replaces the account by the stand-in as the maker of keys and webhooks. If there are invitations by the account,
    /// adds the stand-in as an account that nobody can sign in to, because invitations need one.
    /// [`ErasuresMut::erase_inviter`] uses it, once everything that must be revoked has been.
    pub async fn erase_maker(
        &mut self,
        of: OrganizationId,
        person: &ErasedPerson,
        user_id: UserId,
        now: Instant,
    ) -> Result<(), Error> {
        const INVITED: &str = "select count(*) from invitations where organization_id = $1 and inviter_id = $2";
        const ADD: &str =
            "insert into users (id, email, email_typed, name, search, password_hash, is_email_verified, created_at)
            values ($1, $2, $2, $3, $4, '', $5, $6)";
        const KEYS: &str =
            "update api_keys set maker_id = $3, created_by = $4 where organization_id = $1 and maker_id = $2";
        const WEBHOOKS: &str =
            "update webhook_endpoints set maker_id = $3, created_by = $4 where organization_id = $1 and maker_id = $2";
        let (id, from, to) = (of.uuid(), user_id.uuid(), person.stand_in.uuid());
        let invited: i64 = on!(self.0, |c| sqlx::query_scalar(INVITED).bind(id).bind(from).fetch_one(c).await)?;
        if invited > 0 {
            on!(self.0, |c| sqlx::query(ADD)
                .bind(to)
                .bind(person.address().as_str())
                .bind(person.pseudonym())
                .bind(folded(&format!("{} {}", person.address(), person.pseudonym())))
                .bind(false)
                .bind(now)
                .execute(c)
                .await
                .map(drop))?;
        }
        let actor = person.as_actor();
        for sql in [KEYS, WEBHOOKS] {
            on!(self.0, |c| sqlx::query(sql)
                .bind(id)
                .bind(from)
                .bind(to)
                .bind(Json(&actor))
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }

    /// Replaces the account by the stand-in as the inviter of at most `limit` invitations. Returns how many.
    pub async fn erase_inviter(
        &mut self,
        of: OrganizationId,
        person: &ErasedPerson,
        user_id: UserId,
        limit: u32,
    ) -> Result<u64, Error> {
        const SQL: &str = "update invitations set inviter_id = $3 where id in
            (select id from invitations where organization_id = $1 and inviter_id = $2 limit $4)";
        Ok(on!(self.0, |c| sqlx::query(SQL)
            .bind(of.uuid())
            .bind(user_id.uuid())
            .bind(person.stand_in.uuid())
            .bind(i64::from(limit))
            .execute(c)
            .await?
            .rows_affected()))
    }

    /// Removes the person from the stored results of idempotent requests.
    pub async fn erase_answers(&mut self, of: OrganizationId, person: &ErasedPerson) -> Result<(), Error> {
        const FIND: &str = "select k.api_key_id, k.key, k.result from idempotency_keys k
            join api_keys a on a.id = k.api_key_id
            where a.organization_id = $1 and lower(k.result) like $2 escape '\\'";
        const SAVE: &str = "update idempotency_keys set result = $3 where api_key_id = $1 and key = $2";
        let rows: Vec<(Uuid, String, String)> = on!(self.0, |c| sqlx::query_as(FIND)
            .bind(of.uuid())
            .bind(super::containing(&person.email))
            .fetch_all(c)
            .await)?;
        for (owner, key, result) in rows {
            let Ok(mut value) = serde_json::from_str(&result) else { continue };
            if person.scrub_value(&mut value) {
                person.scrub_names(&mut value);
                let result = value.to_string();
                on!(self.0, |c| sqlx::query(SAVE).bind(owner).bind(key).bind(result).execute(c).await.map(drop))?;
            }
        }
        Ok(())
    }

    /// Removes at most `limit` mails to the person. Returns how many.
    pub async fn erase_mails(&mut self, of: OrganizationId, email: &str, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "delete from mails where id in
            (select id from mails where organization_id = $1 and lower(recipient) = $2 limit $3)";
        self.0.overwrite_words_of_mails(true).await?;
        let count = on!(self.0, |c| sqlx::query(SQL)
            .bind(of.uuid())
            .bind(email)
            .bind(i64::from(limit))
            .execute(c)
            .await?
            .rows_affected());
        self.0.overwrite_words_of_mails(false).await?;
        Ok(count)
    }

    /// Removes the person from what other invitations contain, in the `limit` invitations after this id. Returns the
    /// last id, or `None` at the end.
    pub async fn scrub_invitations(
        &mut self,
        of: OrganizationId,
        person: &ErasedPerson,
        after: Uuid,
        limit: u32,
    ) -> Result<Option<Uuid>, Error> {
        const FIND: &str = "select id, message, metadata, redirect_url, decline_reason, closed_by from invitations
            where organization_id = $1 and id > $2 order by id limit $3";
        const SAVE: &str = "update invitations set message = $2, metadata = $3, redirect_url = $4, decline_reason = $5,
            closed_by = $6 where id = $1";
        let rows: Vec<InvitationTexts> = on!(self.0, |c| sqlx::query_as(FIND)
            .bind(of.uuid())
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        let last = rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.id);
        for row in rows {
            let scrub = |text: &Option<String>| text.as_deref().map(|text| person.scrub(text));
            let (message, redirect_url) = (scrub(&row.message), scrub(&row.redirect_url));
            let (reason, metadata) = (scrub(&row.decline_reason), scrubbed(person, &row.metadata.0));
            let closed_by = row.closed_by.as_ref().map(|by| Json(person.actor(&by.0)));
            let texts = (&message, &redirect_url, &reason) == (&row.message, &row.redirect_url, &row.decline_reason);
            let same_actor = closed_by.as_ref().map(|by| &by.0) == row.closed_by.as_ref().map(|by| &by.0);
            if texts && metadata.is_none() && same_actor {
                continue;
            }
            let metadata = Json(metadata.unwrap_or(row.metadata.0));
            on!(self.0, |c| sqlx::query(SAVE)
                .bind(row.id)
                .bind(message)
                .bind(metadata)
                .bind(redirect_url)
                .bind(reason)
                .bind(closed_by)
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(last)
    }

    /// Removes the person from the metadata of members, like [`ErasuresMut::scrub_invitations`].
    pub async fn scrub_members(
        &mut self,
        of: OrganizationId,
        person: &ErasedPerson,
        after: Uuid,
        limit: u32,
    ) -> Result<Option<Uuid>, Error> {
        const FIND: &str =
            "select id, metadata from members where organization_id = $1 and id > $2 order by id limit $3";
        const SAVE: &str = "update members set metadata = $2 where id = $1";
        let rows: Vec<(Uuid, Json<Metadata>)> = on!(self.0, |c| sqlx::query_as(FIND)
            .bind(of.uuid())
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        let last = rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.0);
        for (id, metadata) in rows {
            if let Some(metadata) = scrubbed(person, &metadata.0) {
                on!(self.0, |c| sqlx::query(SAVE).bind(id).bind(Json(metadata)).execute(c).await.map(drop))?;
            }
        }
        Ok(last)
    }

    /// Removes the person from the names and texts that people of the organization have given to things, and from what
    /// servers have answered to mails.
    pub async fn scrub_texts(&mut self, of: OrganizationId, person: &ErasedPerson) -> Result<(), Error> {
        const TEXTS: [(&str, &str); 6] = [
            ("api_keys", "name"),
            ("webhook_endpoints", "description"),
            ("webhook_endpoints", "url"),
            ("roles", "name"),
            ("resources", "name"),
            ("mails", "response"),
        ];
        for (table, column) in TEXTS {
            let find = format!(
                "select id, {column} from {table} where organization_id = $1 and lower({column}) like $2 escape '\\'"
            );
            let save = format!("update {table} set {column} = $2 where id = $1");
            let rows: Vec<(Uuid, String)> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(find))
                .bind(of.uuid())
                .bind(super::containing(&person.email))
                .fetch_all(c)
                .await)?;
            for (id, text) in rows {
                let scrubbed = person.scrub(&text);
                let save = AssertSqlSafe(save.clone());
                on!(self.0, |c| sqlx::query(save).bind(id).bind(scrubbed).execute(c).await.map(drop))?;
            }
        }
        Ok(())
    }
}

impl UsersMut<'_, Tx> {
    /// Removes the account, its sessions and its mails, unless it is still a member of an organization, or the inviter
    /// of an invitation. Returns whether it was removed.
    pub async fn remove(&mut self, user_id: UserId, email: &str) -> Result<bool, Error> {
        const PLAIN: &str = "select id from users where id = $1";
        const LOCKING: &str = "select id from users where id = $1 for update";
        const HELD: &str = "select (select count(*) from members where user_id = $1)
            + (select count(*) from invitations where inviter_id = $1)";
        const MAILS: &str = "delete from mails where organization_id is null and lower(recipient) = $1";
        const REMOVE: &str = "delete from users where id = $1";
        // before its sessions, in the same order as a change of the password
        let lock = self.0.for_update(PLAIN, LOCKING);
        on!(self.0, |c| sqlx::query(lock).bind(user_id.uuid()).execute(c).await.map(drop))?;
        let held: i64 = on!(self.0, |c| sqlx::query_scalar(HELD).bind(user_id.uuid()).fetch_one(c).await)?;
        if held > 0 {
            return Ok(false);
        }
        self.0.sessions_mut().remove_of(user_id).await?;
        on!(self.0, |c| sqlx::query(MAILS).bind(email).execute(c).await.map(drop))?;
        on!(self.0, |c| sqlx::query(REMOVE).bind(user_id.uuid()).execute(c).await.map(drop))?;
        Ok(true)
    }
}

/// Returns the metadata without the person's email address, or `None` if it does not contain it.
fn scrubbed(person: &ErasedPerson, metadata: &Metadata) -> Option<Metadata> {
    let mut value = serde_json::to_value(metadata).ok()?;
    if person.scrub_value(&mut value) { serde_json::from_value(value).ok() } else { None }
}

impl Erasures<'_> {
    /// Returns email addresses that must be erased because of retention: every invitation to them ended before
    /// `before`, and no member has them. Returns at most `limit`, those that ended first at the beginning, or only
    /// `email`, if it is given.
    pub async fn addresses_to_erase(
        &mut self,
        of: OrganizationId,
        before: Instant,
        email: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>, Error> {
        let mut list = List::of("invitations i", "i.id");
        list.and_value("i.organization_id =", Value::Id(of.uuid()));
        let of = list.add(Value::Id(of.uuid()));
        list.and("i.email not like 'erased-%@erased.invalid'");
        list.and(format!(
            "not exists (select 1 from users u join members m on m.user_id = u.id
                where u.email = i.email and m.organization_id = {of})"
        ));
        if let Some(email) = email {
            list.and_value("i.email =", Value::Text(email.to_owned()));
        }
        let (before, limit) = (list.add(Value::At(before)), list.add(Value::Number(limit.into())));
        let sql = format!(
            "{} group by i.email having count(case when i.status = 'pending' then 1 end) = 0
            and max(i.closed_at) <= {before} order by max(i.closed_at) limit {limit}",
            list.select_all("i.email")
        );
        let values = list.values;
        on!(self.0, |c| bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_all(c).await)
    }

    /// Returns the organizations that have retention settings of their own, each with the days for invitations and for
    /// mails.
    pub async fn retentions(&mut self) -> Result<Vec<(OrganizationId, Option<u16>, Option<u16>)>, Error> {
        const SQL: &str = "select id, invitation_retention_days, mail_retention_days from organizations
            where invitation_retention_days is not null or mail_retention_days is not null order by id";
        let rows: Vec<(Uuid, Option<i64>, Option<i64>)> = on!(self.0, |c| sqlx::query_as(SQL).fetch_all(c).await)?;
        let days = |days: Option<i64>| days.and_then(|days| u16::try_from(days).ok());
        Ok(rows.into_iter().map(|(id, invitations, mails)| (id.into(), days(invitations), days(mails))).collect())
    }
}

impl MailsMut<'_, Tx> {
    /// Does what [`MailsMut::prune`] does for one organization.
    pub async fn prune_of(&mut self, of: OrganizationId, before: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(
            self.0,
            "mails",
            "id",
            "organization_id = $1 and state in ('sent', 'failed', 'cancelled') and tried_since <= $2",
            "$3"
        );
        Ok(on!(self.0, |c| sqlx::query(sql)
            .bind(of.uuid())
            .bind(before)
            .bind(i64::from(limit))
            .execute(c)
            .await?
            .rows_affected()))
    }
}
