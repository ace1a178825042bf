//! Webhooks: the endpoints of an organization, and their secrets.
//!
//! A secret is derived from the installation's key, the endpoint and the number of the secret, and is stored nowhere.
//! After a change of the installation's key, both secrets sign as long as the old key is among the previous ones.

use super::{
    Error, NotFound, Result, Scope, WebhookConflict, dependents::maker_change, etag, etag_of_settings, power::power_of,
    subject,
};
use crate::webhook::{BLOCKED, Secret};
use std::time::Duration;
use tokio::time::timeout;
use vestibule_domain::webhook::{Disabled, DisabledWhy, WebhookEndpoint, WebhookUrl};
use vestibule_domain::{
    Actor, Change, Fact, Instant, Letter, Mail, Maker, Name, OrganizationId, Permission, Role, Violation,
    WebhookEndpointId, bounds::few,
};
use vestibule_store::{LockedTx, Snapshot};

/// The time limit for looking up a host name; after that it is accepted unchecked.
const LOOKUP: Duration = Duration::from_secs(3);
/// The most owners who get a mail about a disabled webhook.
const OWNERS_TOLD: u32 = 20;

/// The content of a new webhook, or the changes to one: `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct WebhookEndpointEdit {
    pub url: Option<String>,
    /// The description; empty for none.
    pub description: Option<String>,
    /// The actions to send; empty for all.
    pub actions: Option<Vec<String>>,
    pub enabled: Option<bool>,
}

impl subject::WebhookEndpoints<'_> {
    /// Returns all webhooks of the organization, newest first.
    pub async fn all(self, scope: &Scope) -> Result<Vec<WebhookEndpoint>> {
        scope.require(Permission::WebhookEndpointEdit)?;
        self.read(async |tx| Ok(tx.webhook_endpoints().all(scope.organization().id).await?)).await
    }

    /// Returns one webhook of the organization.
    pub async fn get(self, scope: &Scope, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
        scope.require(Permission::WebhookEndpointEdit)?;
        self.read(async |tx| own(tx, scope, id).await).await
    }

    /// Creates a webhook and returns it with its secret, which is shown only once. Returns `TooManyWebhooks` at the
    /// limit, and a violation for a URL that leads to a blocked network.
    pub async fn create(self, scope: &Scope, new: &WebhookEndpointEdit) -> Result<(WebhookEndpoint, Secret)> {
        let now = self.now();
        scope.require(Permission::WebhookEndpointEdit)?;
        let endpoint = parse(scope.organization().id, new, now)?;
        self.check_destination(&endpoint.url).await?;
        let endpoint = self
            .write_in(scope, Some(Permission::WebhookEndpointEdit), async |tx, scope| {
                if tx.webhook_endpoints().count(endpoint.organization_id).await? >= WebhookEndpoint::MAX {
                    return Err(WebhookConflict::TooMany.into());
                }
                let endpoint = WebhookEndpoint { created_by: Some(scope.actor()), ..endpoint.clone() };
                tx.webhook_endpoints_mut().add(&endpoint).await?;
                let fact = Fact::WebhookCreated {
                    id: endpoint.id,
                    url: endpoint.url.as_str().to_owned(),
                    actions: endpoint.actions.clone(),
                };
                tx.record(now, &scope.actor(), (None, None), &fact).await?;
                Ok(endpoint)
            })
            .await?;
        let secret = self.secret(&endpoint);
        Ok((endpoint, secret))
    }

    /// Edits a webhook. A caller who changes its URL becomes its maker, and so does one who enables a webhook whose
    /// maker may no longer have webhooks.
    pub async fn edit(
        self,
        scope: &Scope,
        id: WebhookEndpointId,
        edit: &WebhookEndpointEdit,
    ) -> Result<WebhookEndpoint> {
        let now = self.now();
        let before = self.get(scope, id).await?;
        let wanted = parse(before.organization_id, &filled(&before, edit), now)?;
        // a host name may lead elsewhere by now; that must not prevent anybody from disabling the webhook
        if wanted.url != before.url {
            self.check_destination(&wanted.url).await?;
        }
        self.write_in(scope, Some(Permission::WebhookEndpointEdit), async |tx, scope| {
            let before = own(tx, scope, id).await?;
            scope.check_etags(|| vec![etag(&before), etag_of_settings(&before)])?;
            let mut after = edited(&before, &wanted, edit.enabled, now);
            if after.url != before.url || (before.disabled.is_some() && !maker_may(tx, &after).await?) {
                after.created_by = Some(scope.actor());
            }
            let changes = changes(&before, &after);
            if changes.is_empty() {
                return Ok(before);
            }
            tx.webhook_endpoints_mut().save(&after).await?;
            if after.disabled.is_some() {
                tx.webhook_deliveries_mut().cancel(id, now).await?;
            }
            let fact = Fact::WebhookEdited { id, url: after.url.as_str().to_owned(), changes };
            tx.record(now, &scope.actor(), (None, None), &fact).await?;
            Ok(after)
        })
        .await
    }

    /// Creates a new secret and returns it. For a day, the one before signs as well.
    pub async fn rotate(self, scope: &Scope, id: WebhookEndpointId) -> Result<(WebhookEndpoint, Secret)> {
        let now = self.now();
        let endpoint = self
            .write_in(scope, Some(Permission::WebhookEndpointEdit), async |tx, scope| {
                let before = own(tx, scope, id).await?;
                let after = WebhookEndpoint {
                    secret_generation: before.secret_generation + 1,
                    rotated_at: Some(now),
                    ..before
                };
                tx.webhook_endpoints_mut().save(&after).await?;
                let fact = Fact::WebhookSecretRotated { id, url: after.url.as_str().to_owned() };
                tx.record(now, &scope.actor(), (None, None), &fact).await?;
                Ok(after)
            })
            .await?;
        let secret = self.secret(&endpoint);
        Ok((endpoint, secret))
    }

    /// Deletes a webhook and its deliveries.
    pub async fn delete(self, scope: &Scope, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
        let now = self.now();
        self.write_in(scope, Some(Permission::WebhookEndpointEdit), async |tx, scope| {
            let endpoint = own(tx, scope, id).await?;
            scope.check_version(&endpoint)?;
            tx.webhook_endpoints_mut().delete(id).await?;
            let fact = Fact::WebhookDeleted { id, url: endpoint.url.as_str().to_owned() };
            tx.record(now, &scope.actor(), (None, None), &fact).await?;
            Ok(endpoint)
        })
        .await
    }

    /// Records that Vestibule stopped sending to the endpoint, cancels its pending deliveries, and mails the owners.
    pub(crate) async fn tell_disabled(
        self,
        tx: &mut LockedTx,
        endpoint: &WebhookEndpoint,
        why: DisabledWhy,
        now: Instant,
    ) -> Result<()> {
        let id = endpoint.organization_id;
        tx.webhook_deliveries_mut().cancel(endpoint.id, now).await?;
        let fact = Fact::WebhookDisabled { id: endpoint.id, url: endpoint.url.as_str().to_owned(), why };
        tx.record(now, &Actor::System, (None, None), &fact).await?;
        let roles = tx.roles().all(id).await?;
        for owner in roles.iter().filter(|role| role.key == Role::OWNER) {
            for address in tx.members().addresses_of_holders(id, owner.id, OWNERS_TOLD).await? {
                let letter = Letter::WebhookDisabled { endpoint_id: endpoint.id };
                tx.mails_mut().add(&Mail::queued(id, letter, address, now)).await?;
            }
        }
        Ok(())
    }

    /// Returns the secrets that sign at `now`, the present one first.
    pub(crate) fn secrets(self, endpoint: &WebhookEndpoint, now: Instant) -> Vec<Secret> {
        let generations = endpoint.signing(now).into_iter();
        generations.flat_map(|generation| self.secrets_of(endpoint.id, generation)).collect()
    }

    fn secret(self, endpoint: &WebhookEndpoint) -> Secret {
        self.secrets_of(endpoint.id, endpoint.secret_generation).remove(0)
    }

    fn secrets_of(self, id: WebhookEndpointId, generation: u32) -> Vec<Secret> {
        let seeds = self.0.signing_keys.secrets("webhook", &format!("{id}.{generation}"));
        seeds.into_iter().map(Secret::new).collect()
    }

    /// Rejects a URL that leads to a blocked network. It looks up the host, so it must be called outside transactions.
    /// This check is a courtesy; the one that counts is made when connecting.
    async fn check_destination(self, url: &WebhookUrl) -> Result<()> {
        let blocked = || Violation::new("url", BLOCKED, "This URL leads to the server itself or to a private network.");
        let url = url::Url::parse(url.as_str()).map_err(|_| blocked())?;
        match timeout(LOOKUP, self.0.sender.destinations().check(&url)).await {
            Ok(false) => Err(blocked().into()),
            Ok(true) | Err(_) => Ok(()),
        }
    }
}

/// Checks whether the endpoint's maker may still have webhooks. An endpoint without a maker always may, and one that
/// remains disabled needs no check.
async fn maker_may(tx: &mut Snapshot, endpoint: &WebhookEndpoint) -> Result<bool> {
    match endpoint.created_by.as_ref().and_then(Maker::of) {
        Some(maker) if endpoint.disabled.is_none() => {
            Ok(power_of(tx, endpoint.organization_id, maker).await?.may_have_webhooks())
        }
        _ => Ok(true),
    }
}

/// Returns a webhook of the scope's organization, or `NotFound::Webhook`, also for one of another organization.
pub(super) async fn own(tx: &mut Snapshot, scope: &Scope, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
    let found =
        tx.webhook_endpoints().get(id).await?.filter(|endpoint| endpoint.organization_id == scope.organization().id);
    Ok(found.ok_or(NotFound::Webhook)?)
}

/// Returns the new endpoint, or everything that is wrong with the request.
fn parse(organization_id: OrganizationId, new: &WebhookEndpointEdit, now: Instant) -> Result<WebhookEndpoint> {
    let mut violations = Vec::new();
    let url = WebhookUrl::parse("url", new.url.as_deref().unwrap_or_default());
    let url = url.map_err(|wrong| violations.push(wrong)).ok();
    let description = new.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let description = description.map(|text| Name::parse("description", text)).transpose();
    let description = description.map_err(|wrong| violations.push(wrong)).ok().flatten();
    let actions = actions(new.actions.as_deref().unwrap_or_default(), &mut violations);
    match url {
        Some(url) if violations.is_empty() => Ok(WebhookEndpoint {
            id: WebhookEndpointId::new(now),
            organization_id,
            url,
            description,
            actions,
            secret_generation: 1,
            rotated_at: None,
            failing_since: None,
            disabled: None,
            created_by: None,
            created_at: now,
        }),
        _ => Err(Error::Invalid(violations)),
    }
}

/// Returns the known actions, each once, in the order of `Fact::ACTIONS`, and adds a violation for each unknown one.
fn actions(wanted: &[String], violations: &mut Vec<Violation>) -> Vec<String> {
    if let Err(many) = few("actions", wanted) {
        violations.push(many);
        return Vec::new();
    }
    for (number, action) in wanted.iter().enumerate() {
        if !Fact::ACTIONS.contains(&action.as_str()) {
            violations.push(Violation::new(format!("actions[{number}]"), "unknown", "There is no such action."));
        }
    }
    let known = Fact::ACTIONS.iter().filter(|action| wanted.iter().any(|wanted| wanted == *action));
    known.map(|action| (*action).to_owned()).collect()
}

fn filled(before: &WebhookEndpoint, edit: &WebhookEndpointEdit) -> WebhookEndpointEdit {
    let description = before.description.as_ref().map(ToString::to_string);
    WebhookEndpointEdit {
        url: edit.url.clone().or_else(|| Some(before.url.as_str().to_owned())),
        description: edit.description.clone().or(description),
        actions: edit.actions.clone().or_else(|| Some(before.actions.clone())),
        enabled: edit.enabled,
    }
}

/// Returns the endpoint with the changes. Enabling it clears the reason why it was disabled and the time since when it
/// fails.
fn edited(before: &WebhookEndpoint, wanted: &WebhookEndpoint, enabled: Option<bool>, now: Instant) -> WebhookEndpoint {
    let (disabled, failing_since) = match enabled {
        Some(true) => (None, None),
        Some(false) => (before.disabled.or(Some(Disabled { at: now, why: DisabledWhy::ByHand })), before.failing_since),
        None => (before.disabled, before.failing_since),
    };
    WebhookEndpoint {
        url: wanted.url.clone(),
        description: wanted.description.clone(),
        actions: wanted.actions.clone(),
        disabled,
        failing_since,
        ..before.clone()
    }
}

fn changes(before: &WebhookEndpoint, after: &WebhookEndpoint) -> Vec<Change> {
    let words = |endpoint: &WebhookEndpoint| {
        let description = endpoint.description.as_ref().map_or_else(String::new, ToString::to_string);
        let actions = if endpoint.actions.is_empty() { "all".to_owned() } else { endpoint.actions.join(", ") };
        let enabled = if endpoint.disabled.is_none() { "yes" } else { "no" };
        (endpoint.url.as_str().to_owned(), description, actions, enabled.to_owned())
    };
    let (from, to) = (words(before), words(after));
    let mut changes = Change::between([
        ("url", from.0, to.0),
        ("description", from.1, to.1),
        ("actions", from.2, to.2),
        ("enabled", from.3, to.3),
    ]);
    if before.created_by != after.created_by {
        changes.push(maker_change(before, after));
    }
    changes
}
