//! Members as a file.

use super::export::{Format, row, sent};
use axum::response::Response;
use futures::Stream;
use serde::Serialize;
use vestibule_core::service::{Error, MemberBatch, MemberNames};
use vestibule_domain::Member;

const COLUMNS: [&str; 9] =
    ["id", "user_id", "name", "email", "roles", "resources", "joined_at", "invited_by", "invitation_id"];

/// A member as people and programs outside of Vestibule read them.
#[derive(Serialize)]
struct Line {
    id: String,
    user_id: String,
    name: String,
    email: String,
    /// The names of the roles.
    roles: Vec<String>,
    /// The names of the resources that the member is limited to. Empty: no limit.
    resources: Vec<String>,
    joined_at: String,
    /// The name of the person or key.
    invited_by: Option<String>,
    invitation_id: Option<String>,
}

/// Returns the response that a browser saves as `{name}.csv` or `{name}.ndjson`. `name` must consist of letters, digits
/// and hyphens.
pub fn file(
    format: Format,
    name: &str,
    batches: impl Stream<Item = Result<MemberBatch, Error>> + Send + 'static,
) -> Response {
    sent(format, name, &COLUMNS, batches, lines)
}

fn lines(format: Format, batch: MemberBatch) -> Vec<u8> {
    let mut text = Vec::new();
    for member in &batch.members {
        let line = Line::new(member, &batch.names);
        match format {
            Format::Csv => text.extend(row(line.cells())),
            Format::Ndjson => {
                text.extend(serde_json::to_vec(&line).unwrap_or_default());
                text.push(b'\n');
            }
        }
    }
    text
}

impl Line {
    fn new(member: &Member, names: &MemberNames) -> Self {
        Self {
            id: member.id.to_string(),
            user_id: member.user_id.to_string(),
            name: member.name.to_string(),
            email: member.email.typed().to_owned(),
            roles: member.roles.iter().map(|role| role.name.clone()).collect(),
            resources: names.resources(member),
            joined_at: member.joined_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            invited_by: names.inviter(member).map(ToString::to_string),
            invitation_id: member.invitation_id.map(|id| id.to_string()),
        }
    }

    fn cells(self) -> [String; COLUMNS.len()] {
        [
            self.id,
            self.user_id,
            self.name,
            self.email,
            self.roles.join(", "),
            self.resources.join(", "),
            self.joined_at,
            self.invited_by.unwrap_or_default(),
            self.invitation_id.unwrap_or_default(),
        ]
    }
}
