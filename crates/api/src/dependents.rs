//! What hangs on a member or a key, and what becomes of it when that ends or shrinks.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vestibule_core::service::Scope;
use vestibule_domain::{ApiKey, Dependents, webhook::Endpoint};

/// What is to become of what goes beyond the power that is left.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Dependency {
    /// `cut` (the default): keys lose permissions or are revoked, webhooks are disabled, open invitations are revoked.
    /// `take_over`: the calling key becomes their maker instead, and they keep what it may do itself.
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
    /// Returns the scope with what this request wants.
    pub fn of(&self, scope: Scope) -> Scope {
        scope.taking_over(self.dependents == Some(Wanted::TakeOver))
    }
}

/// API keys, webhooks and open invitations that act by somebody's power.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dependents)]
pub struct DependentsBody {
    api_keys: Vec<DependentBody>,
    webhooks: Vec<DependentBody>,
    counts: CountsBody,
}

/// A key by its name, a webhook by its description or its host.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dependent)]
pub struct DependentBody {
    id: Uuid,
    #[schema(example = "ci")]
    name: String,
}

/// How many of each kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DependentCounts)]
pub struct CountsBody {
    api_keys: u64,
    webhooks: u64,
    /// Open ones.
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

impl From<Endpoint> for DependentBody {
    fn from(endpoint: Endpoint) -> Self {
        Self { id: endpoint.id.uuid(), name: endpoint.label() }
    }
}
