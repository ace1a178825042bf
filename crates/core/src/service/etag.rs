//! ETags: clients compare them to see whether anybody has changed a thing since they read it.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Returns 32 hexadecimal digits that change whenever anything in `value` does.
pub fn etag(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).unwrap_or_default();
    let digest = Sha256::digest(json);
    let half = digest.first_chunk().expect("32 bytes");
    format!("{:032x}", u128::from_be_bytes(*half))
}
