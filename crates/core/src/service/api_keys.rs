//! API keys: they are created, shown once, recognized and revoked.

use super::{
    ApiToken, Error, KnownKey, NotFound, Result, Scope, api_key_secrets::NewSecret, dependents::Plan, secret::digest,
    subject,
};
use chrono::Duration;
use subtle::ConstantTimeEq;
use vestibule_domain::{
    Actor, ApiKey, ApiKeyId, DependentChanges, Fact, Instant, Maker, Name, Permission, Power, Surface, Violation,
    bounds::few, token::Token,
};
use vestibule_store::{LockedTx, Snapshot};

/// The longest lifetime of a key, in days; a key may also never expire.
const MAX_LIFETIME_DAYS: i64 = 3_660;
/// The shortest time between two notes of a key's use, in seconds, so that each read does not become a write.
const TOUCH_SECONDS: i64 = 60;
/// The lifetime of an access token in seconds: a day, as Adobe's are.
const ACCESS_SECONDS: i64 = 86_399;

/// The content of a request for a new key.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    pub surface: Surface,
    pub name: String,
    pub permissions: Vec<Permission>,
    pub expires_at: Option<Instant>,
}

impl subject::ApiKeys<'_> {
    /// Returns the key that this token belongs to. Returns `Unauthenticated` alike for a token that is unknown,
    /// expired, revoked or of another API.
    pub async fn authenticate(self, token: &str, surface: Surface) -> Result<KnownKey> {
        let now = self.now();
        let (id, secret) = ApiToken::read(token).ok_or(Error::Unauthenticated)?;
        let (known, hash) = self.usable(id, surface, now).await?;
        if !bool::from(digest(secret).as_slice().ct_eq(&hash)) {
            return Err(Error::Unauthenticated);
        }
        self.touch(&known.key, now).await?;
        Ok(known)
    }

    /// Returns the key that this access token stands for, under the same conditions as [`Self::authenticate`].
    pub async fn authenticate_for_a_while(self, token: &str, surface: Surface) -> Result<KnownKey> {
        let now = self.now();
        let id = self.0.signing_keys.verify_access(token, now).ok_or(Error::Unauthenticated)?;
        let (known, _) = self.usable(id, surface, now).await?;
        self.touch(&known.key, now).await?;
        Ok(known)
    }

    /// Returns an access token for the key, and the seconds that it is valid: a day, or until the key expires.
    pub fn access_token(self, key: &ApiKey) -> (Token, i64) {
        let now = self.now();
        let longest = now + Duration::seconds(ACCESS_SECONDS);
        let until = key.expires_at.map_or(longest, |end| end.min(longest));
        (self.0.signing_keys.access_token(key.id, until), until.timestamp() - now.timestamp())
    }

    async fn usable(self, id: ApiKeyId, surface: Surface, now: Instant) -> Result<(KnownKey, Vec<u8>)> {
        let found = self.read_one(async |tx| Ok(tx.api_keys().with_organization(id).await?)).await?;
        let usable = found.filter(|(key, ..)| key.surface == surface && key.is_usable(now));
        let (key, organization, hash) = usable.ok_or(Error::Unauthenticated)?;
        Ok((KnownKey::new(key, organization), hash))
    }

    /// Notes that the key is used now, unless that was noted within the last minute.
    pub(super) async fn touch(self, key: &ApiKey, now: Instant) -> Result<()> {
        if key.last_used_at.is_none_or(|at| now - at >= Duration::seconds(TOUCH_SECONDS)) {
            self.0.write_if_it_can(async |tx| Ok(tx.api_keys_mut().touch(key.id, now).await?)).await?;
        }
        Ok(())
    }

    /// Returns the organization's keys, newest first, including the revoked and the expired ones.
    pub async fn all(self, scope: &Scope) -> Result<Vec<ApiKey>> {
        scope.require(Permission::KeyEdit)?;
        self.read(async |tx| Ok(tx.api_keys().all(scope.organization().id).await?)).await
    }

    /// Returns one key of the organization.
    pub async fn get(self, scope: &Scope, id: ApiKeyId) -> Result<ApiKey> {
        scope.require(Permission::KeyEdit)?;
        self.read(async |tx| own(tx, scope, id).await).await
    }

    /// Creates a key and returns it with its token, which is shown only once: a repeated request gets the key without
    /// it. Rejects permissions that the person or program creating the key does not have.
    pub async fn create(self, scope: &Scope, new: &NewApiKey) -> Result<(ApiKey, Option<ApiToken>)> {
        let now = self.now();
        let (name, id) = (check(new, now)?, ApiKeyId::new(now));
        let minted = NewSecret::new(id, new.surface)?;
        let key = self
            .write_in(scope, Some(Permission::KeyEdit), async |tx, scope| {
                scope.require_all(&new.permissions)?;
                let key = key(id, scope.organization().id, new, name.clone(), &minted, scope.actor(), now);
                add(tx, &key, &minted, now).await?;
                Ok(key)
            })
            .await?;
        let is_new = key.id == id;
        Ok((key, is_new.then_some(minted.token)))
    }

    /// Revokes the key, which stops working at once. Returns it with what happened to its dependents. Revoking a key
    /// twice is not an error.
    pub async fn revoke(self, scope: &Scope, id: ApiKeyId) -> Result<(ApiKey, DependentChanges)> {
        let now = self.now();
        let revoked = self.write_in(scope, Some(Permission::KeyEdit), async |tx, scope| {
            let key = own(tx, scope, id).await?;
            if !tx.api_keys_mut().revoke(id, now).await? {
                return Ok((key, DependentChanges::default(), false));
            }
            let plan = Plan::new(tx, scope, vec![(Maker::ApiKey(id), Power::none())], now).await?;
            let settled = plan.settled();
            let fact = Fact::ApiKeyRevoked { id, name: key.name.to_string(), settled };
            tx.record(now, &scope.actor(), (None, None), &fact).await?;
            Ok((ApiKey { revoked_at: Some(now), ..key }, settled, plan.apply(tx, now).await?))
        });
        let (key, settled, is_more) = revoked.await?;
        self.0.dependents().finish_cuts(key.organization_id, is_more).await;
        Ok((key, settled))
    }
}

async fn own(tx: &mut Snapshot, scope: &Scope, id: ApiKeyId) -> Result<ApiKey> {
    let found = tx.api_keys().get(id).await?;
    Ok(found.filter(|key| key.organization_id == scope.organization().id).ok_or(NotFound::ApiKey)?)
}

/// Returns the parsed name, or everything that is wrong with the request.
fn check(new: &NewApiKey, now: Instant) -> Result<Name> {
    let mut violations = Vec::new();
    let name = Name::parse("name", &new.name).map_err(|violation| violations.push(violation)).ok();
    violations.extend(few("permissions", &new.permissions).err());
    if new.permissions.is_empty() {
        violations.push(Violation::new("permissions", "required", "Choose at least one permission."));
    }
    if new.expires_at.is_some_and(|at| at <= now || at > now + Duration::days(MAX_LIFETIME_DAYS)) {
        violations.push(Violation::new("expires_at", "range", "Choose a time in the future, within ten years."));
    }
    match name {
        Some(name) if violations.is_empty() => Ok(name),
        _ => Err(Error::Invalid(violations)),
    }
}

fn key(
    id: ApiKeyId,
    organization_id: vestibule_domain::OrganizationId,
    new: &NewApiKey,
    name: Name,
    minted: &NewSecret,
    created_by: Actor,
    now: Instant,
) -> ApiKey {
    let permissions =
        Permission::ALL.iter().copied().filter(|permission| new.permissions.contains(permission)).collect();
    ApiKey {
        id,
        organization_id,
        surface: new.surface,
        name,
        permissions,
        hint: minted.hint.clone(),
        kid: minted.kid.clone(),
        created_by,
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
    }
}

async fn add(tx: &mut LockedTx, key: &ApiKey, minted: &NewSecret, now: Instant) -> Result<()> {
    tx.api_keys_mut().add(key, &minted.hash, minted.public_key.as_deref()).await?;
    let fact = Fact::ApiKeyCreated {
        id: key.id,
        name: key.name.to_string(),
        surface: key.surface,
        permissions: key.permissions.clone(),
    };
    Ok(tx.record(now, &key.created_by, (None, None), &fact).await?)
}
