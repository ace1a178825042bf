//! Erasing a person in an organization: what lets them in ends and their rows are replaced in one transaction; mails,
//! texts that quote them and events follow in batches, which the worker goes on with.
//!
//! Events keep their hashes; each batch of them is followed by an event that vouches for what stands there now (see
//! [`vestibule_domain::chain`]).

use super::{
    Conflict, Missing, Result, Scope, Vestibule, dependents::Plan, invitations::expire, invitations::withdraw,
    members::is_last_owner,
};
use std::collections::BTreeSet;
use uuid::Uuid;
use vestibule_domain::{
    Actor, EmailAddress, ErasedPerson, Erasure, ErasureStage, EventId, Fact, Instant, Kept, Maker, Member,
    OrganizationId, Permission, Power, Slug, User, UserId, Violation, chain::Redaction, erasure::ended_before,
};
use vestibule_store::{ErasureRow, LockedTx, Placed, Snapshot};

/// Rows looked at in one transaction: others wait for it.
const BATCH: u32 = 500;
/// Events replaced in one transaction.
const REDACTED: usize = 200;
/// Batches that whoever asks waits for; the worker does the others.
const AWAITED: u32 = 40;
/// Addresses of one organization whose time is over, in one round.
const OVERDUE: u32 = 20;

/// Only who may change the organization itself may change its record, and only who may see all of it may be given it.
const ERASING: [Permission; 5] = [
    Permission::OrganizationEdit,
    Permission::UserEdit,
    Permission::UserInvite,
    Permission::UserRead,
    Permission::AuditRead,
];

impl Scope {
    /// Refuses whoever may not erase people, or be given all that is kept on them.
    pub(super) fn require_erasing(&self) -> Result<()> {
        self.require_all(&ERASING)
    }
}

/// Whether somebody with these permissions may erase people.
pub fn may_erase(permissions: &[Permission]) -> bool {
    ERASING.iter().all(|permission| permissions.contains(permission))
}

impl Vestibule {
    /// Counts what the organization keeps on the address. `Missing(Person)` if that is nothing.
    pub async fn kept_on(&self, scope: &Scope, email: &str) -> Result<Kept> {
        scope.require_erasing()?;
        let email = address(email)?;
        let kept = self.read(async |tx| kept(tx, scope.organization().id, &email).await).await?;
        if kept.is_nothing() { Err(Missing::Person.into()) } else { Ok(kept) }
    }

    /// Erases the person of this address in the organization: an open invitation is revoked, a membership ends as by
    /// [`Vestibule::remove_member`], and in everything that is left a pseudonym stands for them. The account goes when
    /// nothing holds it any more. Rejects the last owner, and whoever holds more than the one who does it.
    pub async fn erase(&self, scope: &Scope, email: &str) -> Result<Erasure> {
        let erasure = self.begin_erasing(scope, email).await?;
        let is_finished = self.finish_erasures(scope.organization().id, AWAITED).await;
        Ok(Erasure { is_finished, ..erasure })
    }

    /// The first transaction of [`Vestibule::erase`]; the worker does the rest.
    pub async fn begin_erasing(&self, scope: &Scope, email: &str) -> Result<Erasure> {
        let (now, email) = (self.now(), address(email)?);
        scope.require_erasing()?;
        // counted before, since others of the organization wait for what is done under its lock
        let kept = self.read(async |tx| kept(tx, scope.organization().id, &email).await).await?;
        let begun = self.write_in(scope, None, async |tx, scope| {
            scope.require_erasing()?;
            let pseudonym = begin(tx, scope, &email, true, now).await?;
            Ok(Erasure { pseudonym, kept, is_finished: false })
        });
        begun.await
    }

    /// What each organization keeps on the address, for the command line, and whether it has an account.
    pub async fn kept_everywhere(&self, email: &str) -> Result<(Vec<(Slug, Kept)>, Option<User>)> {
        let email = address(email)?;
        let mut found = Vec::new();
        for slug in self.all_slugs().await? {
            let scope = self.enter_as_operator(slug.as_str()).await?;
            let kept = self.read(async |tx| kept(tx, scope.organization().id, &email).await).await?;
            if !kept.is_nothing() {
                found.push((slug, kept));
            }
        }
        let user = self.read(async |tx| Ok(tx.user_by_email(email.as_str()).await?)).await?;
        Ok((found, user.map(|(user, _)| user)))
    }

    /// Removes the account of this address if nothing holds it any more; returns whether there is none now.
    pub async fn erase_account(&self, email: &str) -> Result<bool> {
        let email = address(email)?;
        self.write(async |tx| {
            let Some((user, _)) = tx.user_by_email(email.as_str()).await? else { return Ok(true) };
            Ok(tx.remove_account(user.id, email.as_str()).await?)
        })
        .await
    }

    /// Goes on with this organization's erasures for at most `batches`; returns whether all are done.
    pub async fn finish_erasures(&self, organization_id: OrganizationId, batches: u32) -> bool {
        for _ in 0..batches {
            match self.go_on_erasing(organization_id).await {
                Ok(true) => {}
                Ok(false) => return true,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "erasing a person goes on in the worker");
                    break;
                }
            }
        }
        self.wake();
        false
    }

    /// Does the next batch of the organization's oldest erasure; `false` when there is none. What hangs on the person is
    /// cut before, as its events name them.
    pub(crate) async fn go_on_erasing(&self, organization_id: OrganizationId) -> Result<bool> {
        if self.go_on_cutting(organization_id).await? {
            return Ok(true);
        }
        let now = self.now();
        self.write(async |tx| {
            let Some((tx, _)) = tx.lock_organization(organization_id).await? else { return Ok(false) };
            let Some(erasure) = tx.first_erasure(organization_id).await? else { return Ok(false) };
            match next_stage(tx, organization_id, &erasure, now).await? {
                Some(stage) => tx.save_erasure_stage(erasure.id, stage).await?,
                None => {
                    tx.remove_erasure(erasure.id).await?;
                    if let Some(user_id) = erasure.person.user_id {
                        tx.remove_account(user_id, &erasure.person.email).await?;
                    }
                }
            }
            Ok(true)
        })
        .await
    }

    /// Begins to erase invitees who did not stay and whose time in the organization is over; returns how many.
    pub(crate) async fn erase_overdue(&self, organization_id: OrganizationId, days: u16) -> Result<u64> {
        let now = self.now();
        let before = ended_before(days, now);
        let due = async |tx: &mut Snapshot| Ok(tx.addresses_to_erase(organization_id, before, None, OVERDUE).await?);
        let mut erased = 0;
        for email in self.read(due).await? {
            let email = EmailAddress::stored(email.clone(), email);
            let scope = self.operator_of(organization_id).await?;
            let begun = self.write_in(&scope, None, async |tx, scope| {
                // somebody may have invited them anew meanwhile
                let due = tx.addresses_to_erase(organization_id, before, Some(email.as_str()), 1).await?;
                if due.is_empty() {
                    return Ok(None);
                }
                // only the invitations of somebody without an account speak of them
                let is_thorough = tx.user_by_email(email.as_str()).await?.is_some();
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

async fn kept(tx: &mut Snapshot, id: OrganizationId, email: &EmailAddress) -> Result<Kept> {
    let user = tx.user_by_email(email.as_str()).await?.map(|(user, _)| user);
    let kept = tx.kept_on(id, email.as_str(), user.as_ref().map(|user| user.id)).await?;
    let member = match user {
        Some(user) => tx.member_of_user(id, user.id).await?,
        None => None,
    };
    let last_owner = match &member {
        Some(member) => is_last_owner(tx, member).await?,
        None => false,
    };
    Ok(Kept { member: member.is_some(), last_owner, ..kept })
}

/// What one transaction does at once: nobody gets in by what was the person's, and their rows are replaced. Returns the
/// pseudonym.
async fn begin(
    tx: &mut LockedTx,
    scope: &Scope,
    email: &EmailAddress,
    is_thorough: bool,
    now: Instant,
) -> Result<String> {
    let id = scope.organization().id;
    let user = tx.user_by_email(email.as_str()).await?.map(|(user, _)| user);
    let member = match &user {
        Some(user) => tx.member_of_user(id, user.id).await?,
        None => None,
    };
    match &member {
        Some(member) if is_last_owner(tx, member).await? => return Err(Conflict::LastOwner.into()),
        None if !tx.keeps_anything_on(id, email.as_str(), user.as_ref().map(|user| user.id)).await? => {
            return Err(Missing::Person.into());
        }
        Some(_) | None => {}
    }
    let person = person(tx, id, email, user.as_ref(), member.as_ref(), now).await?;
    let person = ErasedPerson { is_thorough, ..person };
    // who erases themselves is named by their pseudonym already
    let actor = person.actor(&scope.actor());
    end_invitation(tx, &actor, id, email, now).await?;
    if let Some(member) = &member {
        scope.require_all(member.roles.iter().flat_map(|role| &role.permissions))?;
        let plan = Plan::new(tx, scope, vec![(Maker::User(member.user_id), Power::none())], now).await?;
        tx.remove_member(id, member.id).await?;
        let fact = Fact::MemberRemoved { name: person.pseudonym(), settled: plan.settled() };
        tx.record(now, &actor, (None, Some(member.id)), &fact).await?;
        plan.apply(tx, now).await?;
    }
    tx.erase_invitations_to(id, &person).await?;
    if let Some(user_id) = person.user_id {
        tx.erase_maker(id, &person, user_id, now).await?;
    }
    tx.erase_answers(id, &person).await?;
    let subject = (None, person.member_ids.last().copied());
    tx.record(now, &actor, subject, &Fact::PersonErased { name: person.pseudonym() }).await?;
    let pseudonym = person.pseudonym();
    let row = ErasureRow { id: EventId::new(now).uuid(), person, stage: ErasureStage::Made };
    tx.add_erasure(id, &row).await?;
    Ok(pseudonym)
}

/// Whom to look for.
async fn person(
    tx: &mut Snapshot,
    id: OrganizationId,
    email: &EmailAddress,
    user: Option<&User>,
    member: Option<&Member>,
    now: Instant,
) -> Result<ErasedPerson> {
    let mut names: BTreeSet<String> = tx.names_of_address(id, email.as_str()).await?.into_iter().collect();
    names.extend(user.map(|user| user.name.to_string()));
    let account = user.map(|user| (user.id, user.name.as_str()));
    let mut member_ids = tx.memberships_of(id, email.as_str(), account).await?;
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

/// Ends what is open to the address: the link dies.
async fn end_invitation(
    tx: &mut LockedTx,
    actor: &Actor,
    id: OrganizationId,
    email: &EmailAddress,
    now: Instant,
) -> Result<()> {
    let Some(open) = tx.open_invitation(id, email.as_str()).await? else { return Ok(()) };
    if open.is_pending(now) {
        withdraw(tx, actor, open, now).await?;
    } else {
        expire(tx, open, now).await?;
    }
    Ok(())
}

/// Does a batch; returns where to go on, or none when all is done.
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
        ErasureStage::Mails => match tx.erase_mails(id, &person.email, BATCH).await? {
            0 if person.is_thorough => Some(ErasureStage::Invitations { after: Uuid::nil() }),
            0 => Some(from_start),
            _ => Some(ErasureStage::Mails),
        },
        ErasureStage::Invitations { after } => match tx.scrub_invitations(id, person, after, BATCH).await? {
            Some(after) => Some(ErasureStage::Invitations { after }),
            None => Some(ErasureStage::Members { after: Uuid::nil() }),
        },
        ErasureStage::Members { after } => match tx.scrub_members(id, person, after, BATCH).await? {
            Some(after) => Some(ErasureStage::Members { after }),
            None => {
                tx.scrub_texts(id, person).await?;
                Some(from_start)
            }
        },
        ErasureStage::Events { after } => {
            let next = redact(tx, id, person, after, now).await?;
            next.map(|after| ErasureStage::Events { after })
        }
    })
}

/// Replaces the person as inviter of some invitations; returns of how many. Whoever has joined again meanwhile has made
/// new ones.
async fn replace_inviter(tx: &mut LockedTx, id: OrganizationId, person: &ErasedPerson) -> Result<u64> {
    let Some(user_id) = person.user_id else { return Ok(0) };
    if tx.member_of_user(id, user_id).await?.is_some() {
        return Ok(0);
    }
    Ok(tx.erase_inviter(id, person, user_id, BATCH).await?)
}

/// Takes the person out of some events after this number, and has an event vouch for them. Returns the last that was
/// looked at, or none at the end.
async fn redact(
    tx: &mut LockedTx,
    id: OrganizationId,
    person: &ErasedPerson,
    after: u64,
    now: Instant,
) -> Result<Option<u64>> {
    let events = tx.events_to_redact(id, person, after, BATCH).await?;
    let Some(highest) = events.last().map(|event| event.link.number) else { return Ok(None) };
    let (earlier, _) = tx.redactions_between(id, after, highest).await?;
    let (mut redactions, mut last) = (Vec::new(), after);
    for event in events {
        last = event.link.number;
        let stands = event.link.stands(event.before, event.hash, earlier.get(&last));
        let Some(redaction) = redact_one(tx, person, event).await? else { continue };
        // what was changed by hand before stays found out: nobody vouches for it
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
        let by = tx.last_event(id).await?;
        tx.add_redactions(id, by, &redactions).await?;
    }
    Ok(Some(last))
}

/// Replaces what one event holds of the person; none where it holds nothing of them.
async fn redact_one(tx: &mut LockedTx, person: &ErasedPerson, event: Placed) -> Result<Option<Redaction>> {
    let Placed { mut link, hash, before, is_invitees } = event;
    let is_own = is_invitees || link.member_id.is_some_and(|id| person.member_ids.contains(&id));
    // what no program of ours wrote is left as it is
    let (Ok(actor), Ok(fact)) = (serde_json::from_str::<Actor>(&link.actor), serde_json::from_str::<Fact>(&link.fact))
    else {
        return Ok(None);
    };
    let (new_actor, new_fact) = (person.actor(&actor), person.fact(&fact, is_own));
    if (&new_actor, &new_fact) == (&actor, &fact) {
        return Ok(None);
    }
    (link.actor, link.fact) = tx.redact_event(link.id, &new_actor, &new_fact).await?;
    link.salt = None;
    Ok(Some(Redaction { number: link.number, before, hash, content: link.content_hash() }))
}
