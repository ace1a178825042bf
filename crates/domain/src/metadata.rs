//! Metadata: what an organization's own programs store with an invitation, and later with the member that it creates.

use super::Violation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON object that Vestibule does not interpret: at most 50 keys, 4 levels and 8 KB of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(Map<String, Value>);

/// The metadata of an invitation. Both halves are copied to the member on acceptance. The portal shows neither to
/// members of the organization, and the private half must never be sent to an invitee's browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The half that the invitee, and the site that they are sent on to, may see.
    pub public: Object,
    /// The half for the organization's own servers.
    pub private: Object,
}

impl Object {
    pub const MAX_KEYS: usize = 50;
    pub const MAX_DEPTH: usize = 4;
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Returns a violation if the object has too many keys, is nested too deeply or is too long.
    pub fn parse(field: &'static str, map: Map<String, Value>) -> Result<Self, Violation> {
        let refused = |code: &'static str, sentence: &'static str| Err(Violation::new(field, code, sentence));
        if map.len() > Self::MAX_KEYS {
            return refused("too_many", "Use at most 50 keys.");
        }
        if map.values().any(|value| depth(value) >= Self::MAX_DEPTH) {
            return refused("too_deep", "Nest at most 4 levels.");
        }
        let object = Self(map);
        if serde_json::to_string(&object).map_or(usize::MAX, |text| text.len()) > Self::MAX_BYTES {
            return refused("too_long", "Use at most 8 KB.");
        }
        Ok(object)
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

/// Returns the levels of nesting below this value. A text or a number has none.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(value: Value) -> Result<Object, Violation> {
        match value {
            Value::Object(map) => Object::parse("metadata", map),
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn it_has_limits() {
        assert!(parse(json!({"a": {"b": {"c": {"d": 1}}}})).is_ok());
        assert_eq!(parse(json!({"a": {"b": {"c": {"d": [1]}}}})).unwrap_err().code, "too_deep");
        assert_eq!(parse(json!({"a": "x".repeat(8 * 1024)})).unwrap_err().code, "too_long");
        let many = (0..51).map(|n| (n.to_string(), Value::Null)).collect();
        assert_eq!(Object::parse("metadata", many).unwrap_err().code, "too_many");
    }
}
