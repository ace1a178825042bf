//! Erasing a person in an organization. One transaction ends their access and replaces their rows; mails, texts that
//! quote them and events follow in batches, which the worker continues.
//!
//! Events keep their hashes; each batch of them is followed by an event that vouches for the new content (see
//! [`vestibule_domain::chain`]).

use super::jobs::end_jobs;
use super::{
    Conflict, NotFound, Result, Scope, dependents::Plan, invitations::expire, invitations::withdraw,
    members::is_last_owner, subject,
};
use std::collections::BTreeSet;
use uuid::Uuid;
use vestibule_domain::{
    Actor, EmailAddress, ErasedPerson, Erasure, ErasureStage, EventId, Fact, Instant, KeptData, Maker, Member,
    OrganizationId, Permission, Power, Slug, User, UserId, Violation, chain::Redaction, erasure::ended_before,
};
use vestibule_store::{ErasureRow, LockedTx, Snapshot, StoredEvent};

/// The number of rows that one transaction examines; it is limited because other writes wait for it.
const BATCH: u32 = 500;
/// The number of events that one transaction replaces.
const REDACTED: usize = 200;
/// The number of batches that the request waits for; the worker does the others.
const AWAITED: u32 = 40;
/// The most email addresses of one organization that one round erases because their retention is over.
const OVERDUE: u32 = 20;

/// The permissions needed to erase people: only those who can change the organization may change its record, and only
/// those who can see all of the record may export it.
const ERASING: [Permission; 5] = [
    Permission::OrganizationEdit,
    Permission::UserEdit,
    Permission::UserInvite,
    Permission::UserRead,
    Permission::AuditRead,
];

impl Scope {
    /// Returns `Forbidden` for those who may not erase people or export everything that is stored about them.
    pub(super) fn require_erasing(&self) -> Result<()> {
        self.require_all(&ERASING)
    }
}

/// Checks whether these permissions are enough to erase people.
pub fn may_erase(permissions: &[Permission]) -> bool {
    ERASING.iter().all(|permission| permissions.contains(permission))
}

impl subject::Erasure<'_> {
    /// Counts what the organization stores about the email address. Returns `NotFound::Person` if that is nothing.
    pub async fn kept_on(self, scope: &Scope, email: &str) -> Result<KeptData> {
        scope.require_erasing()?;
        let email = address(email)?;
        let kept = self.read(async |tx| kept(tx, scope.organization().id, &email).await).await?;
        if kept.is_nothing() { Err(NotFound::Person.into()) } else { Ok(kept) }
    }

    /// Erases the person with this email address in the organization: revokes an open invitation, ends a membership as
    /// [`subject::Members::remove`] does, and replaces the person by a pseudonym in everything that remains. The
    /// account is deleted when nothing needs it any more. Rejects the last owner, and a person with more permissions
    /// than the caller has.
    pub async fn erase(self, scope: &Scope, email: &str) -> Result<Erasure> {
        let erasure = self.begin(scope, email).await?;
        let is_finished = self.finish(scope.organization().id, AWAITED).await;
        Ok(Erasure { is_finished, ..erasure })
    }

    /// Does the first transaction of [`subject::Erasure::erase`]; the worker does the rest.
    pub async fn begin(self, scope: &Scope, email: &str) -> Result<Erasure> {
        let (now, email) = (self.now(), address(email)?);
        scope.require_erasing()?;
        // counted before the lock is taken, because other writes of the organization wait for it
        let kept = self.read(async |tx| kept(tx, scope.organization().id, &email).await).await?;
        let begun = self.write_in(scope, None, async |tx, scope| {
            scope.require_erasing()?;
            let pseudonym = begin(tx, scope, &email, true, now).await?;
            Ok(Erasure { pseudonym, kept, is_finished: false })
        });
        begun.await
    }

    /// Returns what each organization stores about the email address, and its account if there is one. It is for the
    /// command line.
    pub async fn kept_everywhere(self, email: &str) -> Result<(Vec<(Slug, KeptData)>, Option<User>)> {
        let email = address(email)?;
        let mut found = Vec::new();
        for slug in self.0.organizations().slugs().await? {
            let scope = self.0.enter_as_operator(slug.as_str()).await?;
            let kept = self.read(async |tx| kept(tx, scope.organization().id, &email).await).await?;
            if !kept.is_nothing() {
                found.push((slug, kept));
            }
        }
        let user = self.read(async |tx| Ok(tx.users().by_email(email.as_str()).await?)).await?;
        Ok((found, user.map(|(user, _)| user)))
    }

    /// Deletes the account with this email address if nothing needs it any more. Returns whether there is no account
    /// now.
    pub async fn erase_account(self, email: &str) -> Result<bool> {
        let email = address(email)?;
        self.write(async |tx| {
            let Some((user, _)) = tx.users().by_email(email.as_str()).await? else { return Ok(true) };
            Ok(tx.users_mut().remove(user.id, email.as_str()).await?)
        })
        .await
    }

    /// Does up to `batches` batches of this organization's erasures. Returns whether all are done.
    pub async fn finish(self, organization_id: OrganizationId, batches: u32) -> bool {
        for _ in 0..batches {
            match self.go_on(organization_id).await {
                Ok(true) => {}
                Ok(false) => return true,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the worker continues erasing a person");
                    break;
                }
            }
        }
        self.0.wake();
        false
    }

    /// Does the next batch of the organization's oldest erasure. Returns `false` when there is none. Unfinished cuts
    /// come first, because their events name the person.
    pub(crate) async fn go_on(self, organization_id: OrganizationId) -> Result<bool> {
        if self.0.dependents().go_on_cutting(organization_id).await? {
            return Ok(true);
        }
        let now = self.now();
        self.write(async |tx| {
            let Some((tx, _)) = tx.lock_organization(organization_id).await? else { return Ok(false) };
            let Some(erasure) = tx.erasures_mut().first(organization_id).await? else { return Ok(false) };
            // what was done since then may bring back what is erased
            tx.acts_mut().forget().await?;
            end_jobs(tx, now).await?;
            match next_stage(tx, organization_id, &erasure, now).await? {
                Some(stage) => tx.erasures_mut().save_stage(erasure.id, stage).await?,
                None => {
                    tx.erasures_mut().remove(erasure.id).await?;
                    if let Some(user_id) = erasure.person.user_id {
                        tx.users_mut().remove(user_id, &erasure.person.email).await?;
                    }
                }
            }
            Ok(true)
        })
        .await
    }

    /// Starts to erase people who are not members and whose retention in the organization is over. Returns how many.
    pub(crate) async fn erase_overdue(self, organization_id: OrganizationId, days: u16) -> Result<u64> {
        let now = self.now();
        let before = ended_before(days, now);
        let due = async |tx: &mut Snapshot| {
            Ok(tx.erasures().addresses_to_erase(organization_id, before, None, OVERDUE).await?)
        };
        let mut erased = 0;
        for email in self.read(due).await? {
            let email = EmailAddress::stored(email.clone(), email);
            let scope = self.0.operator_of(organization_id).await?;
            let begun = self.write_in(&scope, None, async |tx, scope| {
                // somebody may have invited them again in the meantime
                let due = tx.erasures().addresses_to_erase(organization_id, before, Some(email.as_str()), 1).await?;
                if due.is_empty() {
                    return Ok(None);
                }
                // without an account, only the person's invitations mention them
                let is_thorough = tx.users().by_email(email.as_str()).await?.is_some();
                begin(tx, scope, &email, is_thorough, now).await.map(Some)
            });
            erased += u64::from(begun.await?.is_some());
        }
        Ok(erased)
    }
}

fn address(text: &str) -> std::result::Result<EmailAddress, Violation> {
    EmailAddress::parse(text).map_err(|refused| Violation::new("email", refused.code(), refused.to_string()))
}

async fn kept(tx: &mut Snapshot, id: OrganizationId, email: &EmailAddress) -> Result<KeptData> {
    let user = tx.users().by_email(email.as_str()).await?.map(|(user, _)| user);
    let kept = tx.erasures().kept_on(id, email.as_str(), user.as_ref().map(|user| user.id)).await?;
    let member = match user {
        Some(user) => tx.members().of_user(id, user.id).await?,
        None => None,
    };
    let last_owner = match &member {
        Some(member) => is_last_owner(tx, member).await?,
        None => false,
    };
    Ok(KeptData { member: member.is_some(), last_owner, ..kept })
}

/// Does what must happen in one transaction: ends everything that gives the person access and replaces their rows.
/// Returns the pseudonym.
async fn begin(
    tx: &mut LockedTx,
    scope: &Scope,
    email: &EmailAddress,
    is_thorough: bool,
    now: Instant,
) -> Result<String> {
    let id = scope.organization().id;
    let user = tx.users().by_email(email.as_str()).await?.map(|(user, _)| user);
    let member = match &user {
        Some(user) => tx.members().of_user(id, user.id).await?,
        None => None,
    };
    match &member {
        Some(member) if is_last_owner(tx, member).await? => return Err(Conflict::LastOwner.into()),
        None if !tx.erasures().keeps_anything_on(id, email.as_str(), user.as_ref().map(|user| user.id)).await? => {
            return Err(NotFound::Person.into());
        }
        Some(_) | None => {}
    }
    let person = person(tx, id, email, user.as_ref(), member.as_ref(), now).await?;
    let person = ErasedPerson { is_thorough, ..person };
    // people who erase themselves already appear under their pseudonym
    let actor = person.actor(&scope.actor());
    end_invitation(tx, &actor, id, email, now).await?;
    if let Some(member) = &member {
        scope.require_all(member.roles.iter().flat_map(|role| &role.permissions))?;
        let plan = Plan::new(tx, scope, vec![(Maker::User(member.user_id), Power::none())], now).await?;
        tx.members_mut().remove(id, member.id).await?;
        let fact = Fact::MemberRemoved { name: person.pseudonym(), settled: plan.settled() };
        tx.record(now, &actor, (None, Some(member.id)), &fact).await?;
        plan.apply(tx, now).await?;
    }
    tx.erasures_mut().erase_invitations_to(id, &person).await?;
    tx.acts_mut().forget().await?;
    end_jobs(tx, now).await?;
    if let Some(user_id) = person.user_id {
        tx.erasures_mut().erase_maker(id, &person, user_id, now).await?;
    }
    tx.erasures_mut().erase_answers(id, &person).await?;
    let subject = (None, person.member_ids.last().copied());
    tx.record(now, &actor, subject, &Fact::PersonErased { name: person.pseudonym() }).await?;
    let pseudonym = person.pseudonym();
    let row = ErasureRow { id: EventId::new(now).uuid(), person, stage: ErasureStage::Made };
    tx.erasures_mut().add(id, &row).await?;
    Ok(pseudonym)
}

/// Returns the names and ids to look for in texts and events.
async fn person(
    tx: &mut Snapshot,
    id: OrganizationId,
    email: &EmailAddress,
    user: Option<&User>,
    member: Option<&Member>,
    now: Instant,
) -> Result<ErasedPerson> {
    let mut names: BTreeSet<String> = tx.erasures().names_of_address(id, email.as_str()).await?.into_iter().collect();
    names.extend(user.map(|user| user.name.to_string()));
    let account = user.map(|user| (user.id, user.name.as_str()));
    let mut member_ids = tx.erasures().memberships_of(id, email.as_str(), account).await?;
    member_ids.extend(member.map(|member| member.id));
    member_ids.dedup();
    Ok(ErasedPerson {
        email: email.as_str().to_owned(),
        names: names.into_iter().collect(),
        user_id: user.map(|user| user.id),
        member_ids,
        code: ErasedPerson::code_of(rand::random()),
        stand_in: UserId::new(now),
        is_thorough: true,
    })
}

/// Ends the open invitation to the email address, so that its link stops working.
async fn end_invitation(
    tx: &mut LockedTx,
    actor: &Actor,
    id: OrganizationId,
    email: &EmailAddress,
    now: Instant,
) -> Result<()> {
    let Some(open) = tx.invitations().open(id, email.as_str()).await? else { return Ok(()) };
    if open.is_pending(now) {
        withdraw(tx, actor, open, now).await?;
    } else {
        expire(tx, open, now).await?;
    }
    Ok(())
}

/// Does one batch. Returns the stage to continue with, or `None` when all is done.
async fn next_stage(
    tx: &mut LockedTx,
    id: OrganizationId,
    erasure: &ErasureRow,
    now: Instant,
) -> Result<Option<ErasureStage>> {
    let person = &erasure.person;
    let from_start = ErasureStage::Events { after: 0 };
    Ok(match erasure.stage {
        ErasureStage::Made => match replace_inviter(tx, id, person).await? {
            0 => Some(ErasureStage::Mails),
            _ => Some(ErasureStage::Made),
        },
        ErasureStage::Mails => match tx.erasures_mut().erase_mails(id, &person.email, BATCH).await? {
            0 if person.is_thorough => Some(ErasureStage::Invitations { after: Uuid::nil() }),
            0 => Some(from_start),
            _ => Some(ErasureStage::Mails),
        },
        ErasureStage::Invitations { after } => {
            match tx.erasures_mut().scrub_invitations(id, person, after, BATCH).await? {
                Some(after) => Some(ErasureStage::Invitations { after }),
                None => Some(ErasureStage::Members { after: Uuid::nil() }),
            }
        }
        ErasureStage::Members { after } => match tx.erasures_mut().scrub_members(id, person, after, BATCH).await? {
            Some(after) => Some(ErasureStage::Members { after }),
            None => {
                tx.erasures_mut().scrub_texts(id, person).await?;
                Some(from_start)
            }
        },
        ErasureStage::Events { after } => {
            let next = redact(tx, id, person, after, now).await?;
            next.map(|after| ErasureStage::Events { after })
        }
    })
}

/// Replaces the person as the inviter of some invitations and returns how many. Does nothing for a person who has
/// joined again, because they may have made new ones.
async fn replace_inviter(tx: &mut LockedTx, id: OrganizationId, person: &ErasedPerson) -> Result<u64> {
    let Some(user_id) = person.user_id else { return Ok(0) };
    if tx.members().of_user(id, user_id).await?.is_some() {
        return Ok(0);
    }
    Ok(tx.erasures_mut().erase_inviter(id, person, user_id, BATCH).await?)
}

/// Removes the person from some events after this number, and records an event that vouches for the new content.
/// Returns the number of the last event that was examined, or `None` at the end.
async fn redact(
    tx: &mut LockedTx,
    id: OrganizationId,
    person: &ErasedPerson,
    after: u64,
    now: Instant,
) -> Result<Option<u64>> {
    let events = tx.redactions().events_to_redact(id, person, after, BATCH).await?;
    let Some(highest) = events.last().map(|event| event.link.number) else { return Ok(None) };
    let (earlier, _) = tx.redactions().between(id, after, highest).await?;
    let (mut redactions, mut last) = (Vec::new(), after);
    for event in events {
        last = event.link.number;
        let stands = event.link.stands(event.before, event.hash, earlier.get(&last));
        let Some(redaction) = redact_one(tx, person, event).await? else { continue };
        // an event that somebody tampered with must still fail verification, so nobody vouches for it
        if stands {
            redactions.push(redaction);
        }
        if redactions.len() >= REDACTED {
            break;
        }
    }
    if !redactions.is_empty() {
        let digest = Redaction::digest(&redactions).to_string();
        let fact = Fact::PersonEventsRedacted { name: person.pseudonym(), count: redactions.len() as u64, digest };
        tx.record(now, &Actor::System, (None, None), &fact).await?;
        let by = tx.events().last(id).await?;
        tx.redactions_mut().add(id, by, &redactions).await?;
    }
    Ok(Some(last))
}

/// Removes the person from one event. Returns `None` if the event says nothing about them.
async fn redact_one(tx: &mut LockedTx, person: &ErasedPerson, event: StoredEvent) -> Result<Option<Redaction>> {
    let StoredEvent { mut link, hash, before, is_invitees } = event;
    let is_own = is_invitees || link.member_id.is_some_and(|id| person.member_ids.contains(&id));
    // content that Vestibule did not write is left as it is
    let (Ok(actor), Ok(fact)) = (serde_json::from_str::<Actor>(&link.actor), serde_json::from_str::<Fact>(&link.fact))
    else {
        return Ok(None);
    };
    let (new_actor, new_fact) = (person.actor(&actor), person.fact(&fact, is_own));
    if (&new_actor, &new_fact) == (&actor, &fact) {
        return Ok(None);
    }
    (link.actor, link.fact) = tx.redactions_mut().redact(link.id, &new_actor, &new_fact).await?;
    link.salt = None;
    Ok(Some(Redaction { number: link.number, before, hash, content: link.content_hash() }))
}
