//! Resources: what an invitation may be limited to, like an app, a project or a site. The organization's own programs
//! decide what this means.

use super::{Instant, Name, OrganizationId, ResourceId, Violation};
use serde::{Deserialize, Serialize};

/// Something that invitations and members may be limited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub id: ResourceId,
    pub organization_id: OrganizationId,
    pub name: Name,
    /// The organization's own id for it, unique among its resources.
    pub external_id: Option<Label>,
    /// The bundle id, like `com.example.app`, for App Store Connect.
    pub bundle_id: Option<Label>,
    pub created_at: Instant,
}

/// An identifier that others chose: 1 to 200 printable characters without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    pub const MAX_CHARS: usize = 200;

    /// Parses a label. Returns `None` if the text is empty.
    pub fn parse(field: &'static str, text: &str) -> Result<Option<Self>, Violation> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > Self::MAX_CHARS
            || text.chars().any(|c| c.is_whitespace() || super::text::is_invisible(c))
        {
            return Err(Violation::new(field, "label", "Use at most 200 characters, without spaces."));
        }
        Ok(Some(Self(text.to_owned())))
    }

    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_one_visible_word() {
        assert_eq!(Label::parse("external_id", " com.example.app ").unwrap().unwrap().as_str(), "com.example.app");
        assert_eq!(Label::parse("external_id", "  "), Ok(None));
        for text in ["a b", "a\u{200b}b", &"a".repeat(201)] {
            assert!(Label::parse("external_id", text).is_err(), "{text:?}");
        }
    }
}
