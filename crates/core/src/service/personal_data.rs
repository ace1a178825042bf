//! The export of everything stored about a person: one JSON document, written while it is read, so that few rows are in
//! memory however many there are. `docs/api.md` describes it; names of fields never change.

use super::{Error, NotFound, Result, Scope, subject};
use futures::{Stream, stream};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use strum::{IntoStaticStr, VariantArray};
use uuid::Uuid;
use vestibule_domain::{
    Actor, ApiKey, EmailAddress, Event, Invitation, Maker, Member, Organization, OrganizationId, User, UserId,
    Violation, webhook::WebhookEndpoint,
};
use vestibule_store::{DataSubject, Snapshot};

/// The number of rows per read.
const BATCH: u32 = 500;

/// The person whose data is exported, and for whom.
#[derive(Clone)]
struct Export {
    email: String,
    user_id: Option<UserId>,
    /// Whether the person exports their own data. Private metadata is then left out: it is the organization's to give.
    is_own: bool,
}

/// A part of the document that is still to be written.
enum Part {
    Text(String),
    /// An organization, and whether it is the first.
    Organization(Box<Organization>, bool),
    /// The rest of a list of an organization, or of the account if `of` is `None`.
    List {
        of: Option<OrganizationId>,
        kind: Kind,
        after: Option<Uuid>,
        end: &'static str,
    },
}

/// The lists of a document, in their order, by the names that they have there.
#[derive(Clone, Copy, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
enum Kind {
    Invitations,
    #[strum(serialize = "invitations_sent")]
    Invited,
    Visits,
    Mails,
    ApiKeys,
    Webhooks,
    #[strum(serialize = "webhook_deliveries")]
    Deliveries,
    Events,
}

impl subject::PersonalData<'_> {
    /// Returns what the organization stores about the email address, as pieces of one JSON document. Returns
    /// `NotFound::Person` if that is nothing.
    pub async fn export(self, scope: &Scope, email: &str) -> Result<impl Stream<Item = Result<String>> + Send + use<>> {
        self.0.erasure().kept_on(scope, email).await?;
        let email = address(email)?;
        let user = self.0.organizations().user_of_address(email.as_str()).await?;
        let export = Export { email: email.as_str().into(), user_id: user.map(|user| user.id), is_own: false };
        let head = self.head("organization", email.as_str(), None);
        Ok(self.document(export, head, vec![scope.organization().clone()], false))
    }

    /// Returns what the whole installation stores about the email address, for the command line.
    pub async fn export_everywhere(self, email: &str) -> Result<impl Stream<Item = Result<String>> + Send + use<>> {
        let (kept, user) = self.0.erasure().kept_everywhere(email).await?;
        if kept.is_empty() && user.is_none() {
            return Err(NotFound::Person.into());
        }
        let mut organizations = Vec::new();
        for (slug, _) in kept {
            organizations.push(self.0.enter_as_operator(slug.as_str()).await?.organization().clone());
        }
        let email = address(email)?;
        let head = self.head("installation", email.as_str(), self.account(user.as_ref()).await?);
        let export = Export { email: email.as_str().into(), user_id: user.map(|user| user.id), is_own: false };
        Ok(self.document(export, head, organizations, true))
    }

    /// Returns what is stored about the signed-in user: the account, and the data in their organizations.
    pub async fn export_own(self, user: &User) -> Result<impl Stream<Item = Result<String>> + Send + use<>> {
        let organizations = self.0.organizations().of_user(user).await?;
        let head = self.head("account", user.email.as_str(), self.account(Some(user)).await?);
        let export = Export { email: user.email.as_str().into(), user_id: Some(user.id), is_own: true };
        Ok(self.document(export, head, organizations, true))
    }

    /// Returns the account with its sessions as JSON.
    async fn account(self, user: Option<&User>) -> Result<Option<Value>> {
        let Some(user) = user else { return Ok(None) };
        let sessions = self.read(async |tx| Ok::<_, Error>(tx.personal_data().sessions_of(user.id).await?)).await?;
        let sessions: Vec<Value> = sessions
            .into_iter()
            .map(|session| {
                json!({ "created_at": session.created_at, "seen_at": session.seen_at, "expires_at": session.expires_at })
            })
            .collect();
        Ok(Some(json!({
            "id": user.id, "email": user.email.as_str(), "email_typed": user.email.typed(), "name": user.name,
            "is_email_verified": user.is_email_verified, "created_at": user.created_at, "sessions": sessions,
        })))
    }

    /// Returns the beginning of the document, up to its lists.
    fn head(self, kind: &str, email: &str, account: Option<Value>) -> String {
        let fields = [
            ("version", json!(1)),
            ("scope", json!(kind)),
            ("email", json!(email)),
            ("exported_at", json!(self.now())),
            ("account", json!(account)),
        ];
        fields.iter().fold(String::from("{"), |text, (name, value)| format!("{text}\"{name}\":{value},\n"))
    }

    fn document(
        self,
        export: Export,
        head: String,
        organizations: Vec<Organization>,
        with_account: bool,
    ) -> impl Stream<Item = Result<String>> + Send + use<> {
        let mut parts = VecDeque::from([Part::Text(head)]);
        if with_account {
            parts.push_back(Part::Text("\"account_mails\":[".into()));
            parts.push_back(Part::List { of: None, kind: Kind::Mails, after: None, end: "],\n" });
        }
        parts.push_back(Part::Text("\"organizations\":[".into()));
        let organizations = organizations.into_iter().enumerate();
        parts.extend(organizations.map(|(index, one)| Part::Organization(Box::new(one), index == 0)));
        parts.push_back(Part::Text("]}\n".into()));
        stream::unfold((Arc::clone(self.0), export, parts), |(vestibule, export, mut parts)| async move {
            let part = parts.pop_front()?;
            let written = match vestibule.personal_data().write_part(&export, part).await {
                Ok((text, more)) => {
                    more.into_iter().rev().for_each(|part| parts.push_front(part));
                    Ok(text)
                }
                // without the rest, what was written is not a valid document
                Err(error) => {
                    parts.clear();
                    Err(error)
                }
            };
            Some((written, (vestibule, export, parts)))
        })
    }

    /// Returns the text of this part, and the parts that have to follow it before all others.
    async fn write_part(self, export: &Export, part: Part) -> Result<(String, Vec<Part>)> {
        match part {
            Part::Text(text) => Ok((text, Vec::new())),
            Part::Organization(organization, is_first) => {
                let id = organization.id;
                let member = match export.user_id {
                    Some(user_id) => {
                        self.read(async |tx| Ok::<_, Error>(tx.members().of_user(id, user_id).await?)).await?
                    }
                    None => None,
                };
                let comma = if is_first { "" } else { ",\n" };
                let text = format!(
                    "{comma}{{\"id\":{},\"slug\":{},\"name\":{},\n\"membership\":{}",
                    json!(id),
                    json!(organization.slug),
                    json!(organization.name),
                    json!(member.map(|member| of_member(member, export)))
                );
                let mut parts = Vec::new();
                for &kind in Kind::VARIANTS {
                    parts.push(Part::Text(format!(",\n\"{}\":[", <&str>::from(kind))));
                    parts.push(Part::List { of: Some(id), kind, after: None, end: "]" });
                }
                parts.push(Part::Text("}".into()));
                Ok((text, parts))
            }
            Part::List { of, kind, after, end } => {
                let (rows, next) = self.read(async |tx| page(tx, export, of, kind, after).await).await?;
                let rows: Vec<String> = rows.iter().map(Value::to_string).collect();
                let comma = if after.is_some() && !rows.is_empty() { ",\n" } else { "" };
                let text = format!("{comma}{}", rows.join(",\n"));
                Ok(match next {
                    Some(after) => (text, vec![Part::List { of, kind, after: Some(after), end }]),
                    None => (text + end, Vec::new()),
                })
            }
        }
    }
}

fn address(text: &str) -> std::result::Result<EmailAddress, Violation> {
    EmailAddress::parse(text).map_err(|refused| Violation::new("email", refused.code(), refused.to_string()))
}

/// Returns some rows of a list after this one, and the id of the last of them if there may be more.
async fn page(
    tx: &mut Snapshot,
    export: &Export,
    of: Option<OrganizationId>,
    kind: Kind,
    after: Option<Uuid>,
) -> Result<(Vec<Value>, Option<Uuid>)> {
    let from = after.unwrap_or(Uuid::nil());
    let Some(organization_id) = of else {
        let mails = tx.personal_data().mails_to(None, &export.email, from, BATCH).await?;
        let next = more(&mails, |mail| mail.id);
        return Ok((mails.into_iter().map(of_mail).collect(), next));
    };
    let sought = DataSubject { organization_id, email: &export.email, user_id: export.user_id };
    Ok(match kind {
        Kind::Invitations => {
            let rows = tx.personal_data().invitations_to(sought, from, BATCH).await?;
            let next = more(&rows, |row| row.id.uuid());
            (rows.into_iter().map(|row| of_invitation(row, export)).collect(), next)
        }
        Kind::Invited => {
            let rows = tx.personal_data().invitations_by(sought, from, BATCH).await?;
            let next = more(&rows, |row| row.id.uuid());
            (rows.iter().map(of_invited).collect(), next)
        }
        Kind::Visits => (
            tx.personal_data()
                .acceptance_sessions_of(sought, BATCH)
                .await?
                .into_iter()
                .map(of_acceptance_session)
                .collect(),
            None,
        ),
        Kind::Mails => {
            let rows = tx.personal_data().mails_to(of, &export.email, from, BATCH).await?;
            let next = more(&rows, |row| row.id);
            (rows.into_iter().map(of_mail).collect(), next)
        }
        Kind::ApiKeys => {
            let keys = tx.api_keys().all(organization_id).await?;
            (keys.iter().filter(|key| export.is_maker(Some(&key.created_by))).map(of_key).collect(), None)
        }
        Kind::Webhooks => {
            let all = tx.webhook_endpoints().all(organization_id).await?;
            (all.iter().filter(|one| export.is_maker(one.created_by.as_ref())).map(of_webhook).collect(), None)
        }
        Kind::Deliveries => {
            let rows = tx.personal_data().deliveries_of(sought, from, BATCH).await?;
            let next = more(&rows, |row| row.id);
            (rows.into_iter().map(of_delivery).collect(), next)
        }
        Kind::Events => {
            let number = u64::try_from(from.as_u128()).unwrap_or(u64::MAX);
            let rows = tx.personal_data().events_of(sought, number, BATCH).await?;
            let next = more(&rows, |row| Uuid::from_u128(u128::from(row.number)));
            (rows.iter().map(of_event).collect(), next)
        }
    })
}

/// Returns the place of the last row of a full page.
fn more<T>(rows: &[T], place: impl Fn(&T) -> Uuid) -> Option<Uuid> {
    rows.last().filter(|_| rows.len() == BATCH as usize).map(place)
}

impl Export {
    fn is_maker(&self, actor: Option<&Actor>) -> bool {
        let maker = actor.and_then(Maker::of);
        maker.is_some() && maker == self.user_id.map(Maker::User)
    }

    /// Returns the metadata, without its private part if the person exports their own data.
    fn metadata(&self, metadata: &vestibule_domain::Metadata) -> Value {
        if self.is_own { json!({ "public": metadata.public }) } else { json!(metadata) }
    }
}

fn of_member(member: Member, export: &Export) -> Value {
    let roles: Vec<&str> = member.roles.iter().map(|role| role.name.as_str()).collect();
    json!({
        "id": member.id, "roles": roles, "resource_ids": member.resource_ids,
        "metadata": export.metadata(&member.metadata), "invitation_id": member.invitation_id,
        "joined_at": member.joined_at,
    })
}

fn of_invitation(invitation: Invitation, export: &Export) -> Value {
    json!({
        "id": invitation.id, "email": invitation.email.as_str(), "email_typed": invitation.email.typed(),
        "name": invitation.name, "message": invitation.message, "metadata": export.metadata(&invitation.metadata),
        "redirect_url": invitation.redirect_url, "locale": invitation.locale, "state": invitation.state,
        "mail_state": invitation.mail_state, "created_at": invitation.created_at, "expires_at": invitation.expires_at,
    })
}

fn of_invited(invitation: &Invitation) -> Value {
    json!({
        "id": invitation.id, "email": invitation.email.as_str(), "message": invitation.message,
        "state": invitation.state, "created_at": invitation.created_at,
    })
}

fn of_acceptance_session(acceptance_session: vestibule_store::AcceptanceSessionOf) -> Value {
    json!({
        "invitation_id": acceptance_session.invitation_id, "channel": acceptance_session.channel, "is_proven": acceptance_session.is_proven,
        "created_at": acceptance_session.created_at, "expires_at": acceptance_session.expires_at,
    })
}

fn of_mail(mail: vestibule_store::MailOf) -> Value {
    let letter: Value = serde_json::from_str(&mail.letter).unwrap_or_default();
    json!({
        "id": mail.id, "letter": letter["letter"], "recipient": mail.recipient, "state": mail.state,
        "response": mail.response, "created_at": mail.created_at, "sent_at": mail.sent_at,
    })
}

/// Returns the key without anything that would let somebody use it.
fn of_key(key: &ApiKey) -> Value {
    json!({
        "id": key.id, "name": key.name, "created_at": key.created_at, "expires_at": key.expires_at,
        "last_used_at": key.last_used_at, "revoked_at": key.revoked_at,
    })
}

fn of_webhook(endpoint: &WebhookEndpoint) -> Value {
    json!({
        "id": endpoint.id, "url": endpoint.url, "description": endpoint.description, "created_at": endpoint.created_at,
    })
}

fn of_delivery(delivery: vestibule_store::WebhookDeliveryOf) -> Value {
    json!({
        "id": delivery.id, "event_id": delivery.event_id, "webhook_id": delivery.endpoint_id, "state": delivery.state,
        "created_at": delivery.created_at,
    })
}

fn of_event(event: &Event) -> Value {
    json!({
        "id": event.id, "number": event.number, "at": event.at, "actor": event.actor,
        "invitation_id": event.invitation_id, "member_id": event.member_id, "fact": event.fact,
        "hash": event.hash.to_string(),
    })
}
