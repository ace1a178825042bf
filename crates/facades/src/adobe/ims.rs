//! The token exchange of Adobe's identity service: an access token for a client's id and secret.

use super::fault::{Fault, VendorResult};
use super::wire::{self, TokenAnswer};
use crate::FacadeState;
use axum::extract::{FromRequest, Request, State};
use jsonwebtoken::{Algorithm, dangerous::insecure_decode};
use percent_encoding::percent_decode;
use serde::Deserialize;
use vestibule_domain::{ApiKey, Surface};
use vestibule_web::Json;
use vestibule_web::extract::{MediaType, RequestRejection};
use vestibule_web::{body, text};

/// The largest form in bytes: a JWT and a few short fields.
const LARGEST: usize = 16 * 1024;

/// The parameters of a request, from the body as a form, from the query, or from both.
pub struct Parameters(Vec<(String, String)>);

/// The claims of the JWT that a client signs.
#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    aud: Audience,
    /// Seconds since 1970, with or without a fraction.
    exp: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl FromRequest<FacadeState> for Parameters {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &FacadeState) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let unread = |_| Fault::oauth("invalid_request", "The body can’t be read, or is larger than 16 KB.");
        let bytes = body::whole(&parts.headers, body, LARGEST).await.map_err(unread)?;
        if !bytes.is_empty() {
            let refused = |unreadable: RequestRejection| Fault::oauth("invalid_request", unreadable.sentence);
            MediaType::FORM.check(&parts.headers).map_err(refused)?;
        }
        if let Err(unreadable) = text::check(&parts.headers, &parts.uri, &bytes) {
            return Err(Fault::oauth("invalid_request", format!("{}: {}", unreadable.field, unreadable.sentence)));
        }
        let mut pairs = form(&bytes)?;
        pairs.extend(form(parts.uri.query().unwrap_or_default().as_bytes())?);
        Ok(Self(pairs))
    }
}

fn form(bytes: &[u8]) -> VendorResult<Vec<(String, String)>> {
    if percent_decode(bytes).decode_utf8().is_err() {
        return Err(Fault::oauth("invalid_request", "The parameters are not text in UTF-8."));
    }
    Ok(url::form_urlencoded::parse(bytes).into_owned().collect())
}

impl Parameters {
    /// Returns the first value with this name that is not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).find(|text| !text.is_empty())
    }

    fn client(&self, name: &str) -> VendorResult<&str> {
        self.get(name).ok_or_else(|| Fault::oauth("invalid_client", format!("missing {name} parameter")))
    }
}

/// Returns an access token for OAuth server-to-server credentials. `expires_in` is in seconds.
pub async fn token(State(state): State<FacadeState>, parameters: Parameters) -> VendorResult<Json<TokenAnswer>> {
    match parameters.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(Fault::oauth("unsupported_grant_type", "grant_type must be client_credentials")),
        None => return Err(Fault::oauth("invalid_request", "missing grant_type parameter")),
    }
    let key = proved(&state, &parameters).await?;
    let (token, seconds) = state.vestibule.api_keys().access_token(&key);
    Ok(Json(TokenAnswer::new(token.as_str(), seconds)))
}

/// Returns an access token for service account credentials. `expires_in` is in milliseconds.
///
/// Id and secret authenticate the client. Vestibule has no certificates of clients, so it can't check the JWT's
/// signature, and the JWT proves nothing. Its issuer, audience and expiry are checked, because that reveals wrong
/// configurations.
pub async fn exchange(State(state): State<FacadeState>, parameters: Parameters) -> VendorResult<Json<TokenAnswer>> {
    let jwt = parameters.get("jwt_token").ok_or_else(|| Fault::oauth("invalid_request", "missing jwt_token parameter"));
    let jwt = jwt?;
    let key = proved(&state, &parameters).await?;
    check(jwt, &key, state.vestibule.now().timestamp())?;
    let (token, seconds) = state.vestibule.api_keys().access_token(&key);
    Ok(Json(TokenAnswer::new(token.as_str(), seconds * 1_000)))
}

/// Returns the key that the secret belongs to. Fails when the id is not that key's.
async fn proved(state: &FacadeState, parameters: &Parameters) -> VendorResult<ApiKey> {
    let (id, secret) = (parameters.client("client_id")?, parameters.client("client_secret")?);
    let wrong = || Fault::oauth("invalid_client", "invalid client_id or client_secret parameter");
    let key = match state.vestibule.api_keys().authenticate(secret, Surface::Adobe).await {
        Err(vestibule_core::service::Error::Unauthenticated) => return Err(wrong()),
        known => known?.key,
    };
    if id != wire::client_id(key.id) {
        return Err(wrong());
    }
    state.vestibule.limits().take_request(key.id).map_err(|(_, error)| error)?;
    Ok(key)
}

/// Checks the claims of a JWT, but not its signature.
fn check(jwt: &str, key: &ApiKey, now: i64) -> VendorResult<()> {
    let invalid = |words| Fault::oauth("invalid_token", words);
    let token = insecure_decode::<AssertionClaims>(jwt)
        .map_err(|_| invalid("jwt_token must be a signed JWT with iss, aud and exp"))?;
    let AssertionClaims { iss, aud, exp } = token.claims;
    if token.header.alg != Algorithm::RS256 {
        return Err(invalid("jwt_token must be signed with RS256"));
    }
    if iss != wire::organization_id(key.organization_id) {
        return Err(invalid("iss must be the organization’s id"));
    }
    let end = format!("/c/{}", wire::client_id(key.id));
    if !aud.into_vec().iter().any(|audience| audience.ends_with(&end)) {
        return Err(invalid("aud must end with /c/ and the client_id"));
    }
    // whole seconds since 1970 are exact in a float for thousands of years
    if exp <= now as f64 { Err(invalid("jwt_token has expired")) } else { Ok(()) }
}

impl Audience {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(audience) => vec![audience],
            Self::Several(audiences) => audiences,
        }
    }
}
