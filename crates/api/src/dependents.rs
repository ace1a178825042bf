//! The dependents of a member or a key: what they created, and what happens to it when they lose permissions.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vestibule_core::service::Scope;
use vestibule_domain::{ApiKey, Dependents, webhook::WebhookEndpoint};

/// What to do with dependents that exceed the permissions that are left.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Dependency {
    /// `cut` (the default): keys lose permissions or are revoked, webhooks are disabled, open invitations are revoked.
    /// `take_over`: your key becomes their creator and they keep the permissions that your key has.
    #[param(inline)]
    dependents: Option<Wanted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Cut,
    TakeOver,
}

impl Dependency {
    /// Returns the scope with the choice that this request made.
    pub fn of(&self, scope: Scope) -> Scope {
        scope.taking_over(self.dependents == Some(Wanted::TakeOver))
    }
}

/// API keys, webhooks and open invitations whose permissions come from someone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dependents)]
pub struct DependentsBody {
    api_keys: Vec<DependentBody>,
    webhooks: Vec<DependentBody>,
    counts: CountsBody,
}

/// One dependent: a key with its name, or a webhook with its description or host.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dependent)]
pub struct DependentBody {
    id: Uuid,
    #[schema(example = "ci")]
    name: String,
}

/// The number of dependents of each kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DependentCounts)]
pub struct CountsBody {
    api_keys: u64,
    webhooks: u64,
    /// Open invitations only.
    invitations: u64,
}

impl From<Dependents> for DependentsBody {
    fn from(dependents: Dependents) -> Self {
        let counts = dependents.counts();
        Self {
            api_keys: dependents.api_keys.into_iter().map(Into::into).collect(),
            webhooks: dependents.webhooks.into_iter().map(Into::into).collect(),
            counts: CountsBody {
                api_keys: counts.api_keys,
                webhooks: counts.webhooks,
                invitations: counts.invitations,
            },
        }
    }
}

impl From<ApiKey> for DependentBody {
    fn from(key: ApiKey) -> Self {
        Self { id: key.id.uuid(), name: key.name.to_string() }
    }
}

impl From<WebhookEndpoint> for DependentBody {
    fn from(endpoint: WebhookEndpoint) -> Self {
        Self { id: endpoint.id.uuid(), name: endpoint.label() }
    }
}
