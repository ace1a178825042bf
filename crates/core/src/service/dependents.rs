//! Dependents: the API keys, webhooks and open invitations that act with the power of their maker. When that power
//! shrinks, each is cut to what its maker can still do, or taken over by the one who causes the change.
//!
//! Keys and webhooks are settled in the transaction that shrinks the power. That transaction also revokes the first
//! hundred invitations; the others follow in batches. Nobody can accept one of them in between, because accepting
//! checks again what the inviter can do.

use super::{Error, NotFound, Result, Scope, invitations::withdraw, power::makers_above, power::power_of, subject};
use std::collections::BTreeSet;
use vestibule_domain::{
    Actor, ApiKey, ApiKeyId, Change, DependentChanges, DependentCounts, Dependents, Fact, Instant, Inviter, Maker,
    MemberId, OrganizationId, Permission, Power, Role, RoleId, Violation,
    webhook::{Disabled, DisabledWhy, WebhookEndpoint},
};
use vestibule_store::{LockedTx, OfferGroup, Snapshot, UnfinishedCut};

/// The number of invitations that one transaction revokes; it is small because other writes wait for it.
const BATCH: u64 = 100;

/// The one who takes dependents over.
struct Successor {
    actor: Actor,
    inviter: Inviter,
    power: Power,
}

/// The changes to the dependents of makers whose power shrinks.
pub(super) struct Plan {
    organization_id: OrganizationId,
    /// the one who causes the change
    actor: Actor,
    taker: Option<Successor>,
    roles: Vec<Role>,
    keys: Vec<(ApiKey, ApiKey)>,
    webhooks: Vec<(WebhookEndpoint, WebhookEndpoint)>,
    taken: Vec<OfferGroup>,
    revoked: Vec<OfferGroup>,
    settled: DependentChanges,
}

impl Plan {
    /// Returns the changes that follow when these makers have only this power left. Rejects a takeover by somebody who
    /// acts with the power that shrinks: a program would outlive the person whose power it uses.
    pub async fn new(tx: &mut Snapshot, scope: &Scope, shrunk: Vec<(Maker, Power)>, now: Instant) -> Result<Self> {
        let taker = if scope.takes_over() { Some(taker(tx, scope, &shrunk).await?) } else { None };
        let mut plan = Self::empty(tx, scope.organization().id, scope.actor(), taker).await?;
        plan.follow(tx, shrunk, now).await?;
        Ok(plan)
    }

    async fn empty(
        tx: &mut Snapshot,
        organization_id: OrganizationId,
        actor: Actor,
        taker: Option<Successor>,
    ) -> Result<Self> {
        let roles = tx.roles().all(organization_id).await?;
        Ok(Self {
            organization_id,
            actor,
            taker,
            roles,
            keys: Vec::new(),
            webhooks: Vec::new(),
            taken: Vec::new(),
            revoked: Vec::new(),
            settled: DependentChanges::default(),
        })
    }

    /// Returns the counts of what is cut and taken over, for the event that causes it.
    pub fn settled(&self) -> DependentChanges {
        self.settled
    }

    /// Settles the dependents of these makers, and of the keys among them, which are makers themselves.
    async fn follow(&mut self, tx: &mut Snapshot, mut makers: Vec<(Maker, Power)>, now: Instant) -> Result<()> {
        let mut seen = BTreeSet::new();
        while let Some((maker, power)) = makers.pop() {
            if seen.insert(maker) {
                makers.extend(self.settle_keys(tx, maker, &power, now).await?);
                self.settle_webhooks(tx, maker, &power, now).await?;
                self.settle_invitations(tx, maker, &power, now).await?;
            }
        }
        Ok(())
    }

    /// Settles the maker's keys and returns each of them with the power that it has from now on.
    async fn settle_keys(
        &mut self,
        tx: &mut Snapshot,
        maker: Maker,
        power: &Power,
        now: Instant,
    ) -> Result<Vec<(Maker, Power)>> {
        let mut next = Vec::new();
        for key in tx.dependents().keys_made_by(self.organization_id, maker).await? {
            let (after, above) = self.settled_key(&key, power, now);
            // a revoked key keeps its permissions on record, but has no power
            let left = match after.revoked_at {
                Some(_) => Power::none(),
                None => above.of_key(after.permissions.clone()),
            };
            next.push((Maker::ApiKey(key.id), left));
            if after != key {
                let is_taken = after.revoked_at.is_none() && after.created_by != key.created_by;
                *(if is_taken { &mut self.settled.taken_over.api_keys } else { &mut self.settled.cut.api_keys }) += 1;
                self.keys.push((key, after));
            }
        }
        Ok(next)
    }

    /// Returns the key as it will be, and the power of its maker, who is the taker if the key is taken over.
    fn settled_key(&self, key: &ApiKey, power: &Power, now: Instant) -> (ApiKey, Power) {
        let kept = power.kept(&key.permissions);
        if kept == key.permissions {
            return (key.clone(), power.clone());
        }
        if let Some(taker) = &self.taker {
            let kept = taker.power.kept(&key.permissions);
            if !kept.is_empty() {
                let after = ApiKey { permissions: kept, created_by: taker.actor.clone(), ..key.clone() };
                return (after, taker.power.clone());
            }
        }
        let after = match kept.is_empty() {
            true => ApiKey { revoked_at: Some(now), ..key.clone() },
            false => ApiKey { permissions: kept, ..key.clone() },
        };
        (after, power.clone())
    }

    async fn settle_webhooks(&mut self, tx: &mut Snapshot, maker: Maker, power: &Power, now: Instant) -> Result<()> {
        if power.may_have_webhooks() {
            return Ok(());
        }
        let taker = self.taker.as_ref().filter(|taker| taker.power.may_have_webhooks());
        for endpoint in tx.dependents().endpoints_made_by(self.organization_id, maker).await? {
            let after = match taker {
                Some(taker) => {
                    self.settled.taken_over.webhooks += 1;
                    WebhookEndpoint { created_by: Some(taker.actor.clone()), ..endpoint.clone() }
                }
                None => {
                    self.settled.cut.webhooks += 1;
                    let disabled = Some(Disabled { at: now, why: DisabledWhy::MakerMayNot });
                    WebhookEndpoint { disabled, ..endpoint.clone() }
                }
            };
            self.webhooks.push((endpoint, after));
        }
        Ok(())
    }

    async fn settle_invitations(&mut self, tx: &mut Snapshot, maker: Maker, power: &Power, now: Instant) -> Result<()> {
        for group in tx.dependents().offers_made_by(self.organization_id, maker, now).await? {
            let roles: Vec<Role> =
                self.roles.iter().filter(|role| group.role_ids.contains(&role.id)).cloned().collect();
            // invitations that a program made on behalf of a person are found through both
            let is_known = self.taken.iter().chain(&self.revoked).any(|known| known.is_same(&group));
            if is_known || power.may_offer(&roles, &group.resource_ids) {
                continue;
            }
            match &self.taker {
                Some(taker) if taker.power.may_offer(&roles, &group.resource_ids) => {
                    self.settled.taken_over.invitations += group.count;
                    self.taken.push(group);
                }
                _ => {
                    self.settled.cut.invitations += group.count;
                    self.revoked.push(group);
                }
            }
        }
        Ok(())
    }

    /// Applies the plan, and records an event for each changed key and webhook and for each revoked invitation. Taking
    /// invitations over is one statement and records no events of its own: nothing changes for the invitees, and
    /// thousands of events would only repeat the one that caused it. Returns `true` if more invitations are left for
    /// [`subject::Dependents::finish_cuts`].
    pub async fn apply(self, tx: &mut LockedTx, now: Instant) -> Result<bool> {
        for (before, after) in &self.keys {
            tx.api_keys_mut().save(after).await?;
            self.record(tx, &key_fact(before, after), now).await?;
        }
        for (before, after) in &self.webhooks {
            tx.webhook_endpoints_mut().save(after).await?;
            if after.disabled.is_some() {
                tx.webhook_deliveries_mut().cancel(after.id, now).await?;
            }
            self.record(tx, &webhook_fact(before, after), now).await?;
        }
        if let Some(taker) = &self.taker {
            for group in &self.taken {
                tx.dependents_mut().take_over_invitations(self.organization_id, group, taker.inviter, now).await?;
            }
        }
        self.revoke_some(tx, now).await
    }

    async fn revoke_some(&self, tx: &mut LockedTx, now: Instant) -> Result<bool> {
        let (mut room, mut is_more) = (BATCH, false);
        for group in &self.revoked {
            let invitations = tx.dependents().invitations_of_group(self.organization_id, group, now, room).await?;
            let revoked = invitations.len() as u64;
            for invitation in invitations {
                withdraw(tx, &self.actor, invitation, now).await?;
            }
            room -= revoked;
            if revoked < group.count {
                is_more = true;
                let cut = UnfinishedCut { maker: group.maker, actor: self.actor.clone() };
                tx.dependents_mut().add_unfinished_cut(self.organization_id, &cut).await?;
            }
        }
        Ok(is_more)
    }

    async fn record(&self, tx: &mut LockedTx, fact: &Fact, now: Instant) -> Result<()> {
        Ok(tx.record(now, &self.actor, (None, None), fact).await?)
    }
}

/// Returns the one who takes over. Rejects a taker whose own power depends on a maker whose power shrinks.
async fn taker(tx: &mut Snapshot, scope: &Scope, shrunk: &[(Maker, Power)]) -> Result<Successor> {
    let (actor, power) = (scope.actor(), scope.power(tx).await?);
    let mut makers: Vec<Maker> = Maker::of(&actor).into_iter().collect();
    if let Some(key) = scope.api_key() {
        makers.extend(makers_above(tx, key).await?);
    }
    if shrunk.iter().any(|(maker, _)| makers.contains(maker)) {
        let sentence = "You can’t take this over: your permissions depend on what you are removing. Ask someone else.";
        return Err(Violation::new("dependents", "own", sentence).into());
    }
    Ok(Successor { inviter: scope.inviter()?, actor, power })
}

fn key_fact(before: &ApiKey, after: &ApiKey) -> Fact {
    let (id, name) = (before.id, before.name.to_string());
    if after.revoked_at.is_some() {
        return Fact::ApiKeyRevoked { id, name, settled: DependentChanges::default() };
    }
    let list = |key: &ApiKey| key.permissions.iter().map(|held| held.as_str()).collect::<Vec<_>>().join(", ");
    let maker = |key: &ApiKey| key.created_by.name().to_owned();
    let changes =
        Change::between([("permissions", list(before), list(after)), ("created_by", maker(before), maker(after))]);
    Fact::ApiKeyEdited { id, name, changes }
}

fn webhook_fact(before: &WebhookEndpoint, after: &WebhookEndpoint) -> Fact {
    let (id, url) = (before.id, before.url.as_str().to_owned());
    match after.disabled {
        Some(disabled) => Fact::WebhookDisabled { id, url, why: disabled.why },
        None => Fact::WebhookEdited { id, url, changes: vec![maker_change(before, after)] },
    }
}

/// Returns the change of the endpoint's maker, by name.
pub(super) fn maker_change(before: &WebhookEndpoint, after: &WebhookEndpoint) -> Change {
    let maker = |endpoint: &WebhookEndpoint| endpoint.created_by.as_ref().map_or("", Actor::name).to_owned();
    Change { field: "created_by".into(), from: maker(before), to: maker(after) }
}

impl subject::Dependents<'_> {
    /// Returns a member's dependents, all of which are cut when the member is removed.
    pub async fn of_member(self, scope: &Scope, id: MemberId) -> Result<Dependents> {
        scope.require(Permission::UserEdit)?;
        let now = self.now();
        self.read(async |tx| {
            let member = tx.members().get(scope.organization().id, id).await?.ok_or(NotFound::Member)?;
            hanging(tx, scope, vec![(Maker::User(member.user_id), Power::none())], now).await
        })
        .await
    }

    /// Returns a key's dependents, which don't include the key itself.
    pub async fn of_key(self, scope: &Scope, id: ApiKeyId) -> Result<Dependents> {
        scope.require(Permission::KeyEdit)?;
        let now = self.now();
        self.read(async |tx| {
            let key = tx.api_keys().get(id).await?;
            key.filter(|key| key.organization_id == scope.organization().id).ok_or(NotFound::ApiKey)?;
            hanging(tx, scope, vec![(Maker::ApiKey(id), Power::none())], now).await
        })
        .await
    }

    /// Counts the dependents that would be cut if this role had no permissions.
    pub async fn of_role(self, scope: &Scope, id: RoleId) -> Result<DependentCounts> {
        scope.require(Permission::RoleEdit)?;
        let now = self.now();
        self.read(async |tx| {
            let powerless = |role: &mut Role| role.permissions.retain(|_| role.id != id);
            let shrunk = powers_of_holders(tx, scope.organization().id, id, powerless).await?;
            Ok(hanging(tx, scope, shrunk, now).await?.counts())
        })
        .await
    }

    /// Revokes the invitations that are left of this organization's cuts, each batch in a transaction of its own. If
    /// the request is interrupted, the worker does the rest.
    pub(super) async fn finish_cuts(self, organization_id: OrganizationId, is_more: bool) {
        let mut is_more = is_more;
        while is_more {
            is_more = self.go_on_cutting(organization_id).await.unwrap_or_else(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "the worker continues revoking invitations");
                self.0.wake();
                false
            });
        }
    }

    /// Revokes the next batch. Returns `false` when nothing was left.
    pub(crate) async fn go_on_cutting(self, organization_id: OrganizationId) -> Result<bool> {
        let now = self.now();
        self.write(async |tx| {
            let Some((tx, _)) = tx.lock_organization(organization_id).await? else { return Ok(false) };
            let Some(cut) = tx.dependents_mut().take_unfinished_cut(organization_id).await? else {
                return Ok(false);
            };
            let mut plan = Plan::empty(tx, organization_id, cut.actor, None).await?;
            let power = power_of(tx, organization_id, cut.maker).await?;
            plan.settle_invitations(tx, cut.maker, &power, now).await?;
            plan.apply(tx, now).await?;
            Ok(true)
        })
        .await
    }
}

/// Returns everything that a plan for these makers would cut.
pub(super) async fn hanging(
    tx: &mut Snapshot,
    scope: &Scope,
    shrunk: Vec<(Maker, Power)>,
    now: Instant,
) -> Result<Dependents> {
    let plan = Plan::new(tx, scope, shrunk, now).await?;
    Ok(Dependents {
        api_keys: plan.keys.into_iter().map(|(before, _)| before).collect(),
        webhooks: plan.webhooks.into_iter().map(|(before, _)| before).collect(),
        invitations: plan.settled.cut.invitations,
    })
}

/// Returns the holders of the role who are makers, with the power that each has once `change` is applied to their
/// roles.
pub(super) async fn powers_of_holders(
    tx: &mut Snapshot,
    organization_id: OrganizationId,
    id: RoleId,
    change: impl Fn(&mut Role),
) -> Result<Vec<(Maker, Power)>> {
    let mut powers = Vec::new();
    for user_id in tx.dependents().makers_with_role(organization_id, id).await? {
        let member = tx.members().of_user(organization_id, user_id).await?;
        let mut member = member.ok_or_else(|| Error::internal("a holder of the role is no member"))?;
        member.roles.iter_mut().for_each(&change);
        powers.push((Maker::User(user_id), Power::of_member(&member)));
    }
    Ok(powers)
}
