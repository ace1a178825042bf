//! The result of a POST: a cookie carries it to the next page, which shows it once.

use super::component::{Notice, NoticeKind, dependents::settled_in_words, grouped, plural};
use super::portal_context::use_portal_frame;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use vestibule_domain::{ActId, DependentChanges, Status, Tally};
use vestibule_functions::server::changes;

/// What happened, with the data that its message needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flash", rename_all = "snake_case")]
pub enum Flash {
    Invited {
        count: u64,
        notify: bool,
    },
    Resent {
        address: String,
        notify: bool,
        #[serde(default)]
        act: Option<ActId>,
    },
    ResentMany {
        done: u64,
        closed: u64,
        limited: u64,
        /// Invitations that offer more than the user can grant.
        #[serde(default)]
        forbidden: u64,
        #[serde(default)]
        act: Option<ActId>,
    },
    Revoked {
        name: String,
        #[serde(default)]
        act: Option<ActId>,
    },
    RevokedMany {
        done: u64,
        closed: u64,
        #[serde(default)]
        forbidden: u64,
        #[serde(default)]
        act: Option<ActId>,
    },
    Edited {
        /// Whether the invitation has another link since: 0 or 1.
        #[serde(default)]
        new_links: u64,
        #[serde(default)]
        act: Option<ActId>,
    },
    /// Several were changed, or are going to be changed in a job.
    Done {
        title: String,
        text: String,
        #[serde(default)]
        act: Option<ActId>,
    },
    Undone {
        title: String,
        text: String,
        /// Whether anything was taken back.
        #[serde(default)]
        is_done: bool,
    },
    /// Someone else was faster, and nothing was changed.
    Closed {
        name: String,
        status: Status,
    },
    MemberRolesChanged {
        name: String,
        #[serde(default)]
        settled: DependentChanges,
    },
    MemberRemoved {
        name: String,
        #[serde(default)]
        settled: DependentChanges,
    },
    LastOwner {
        name: String,
    },
    Left {
        organization: String,
        #[serde(default)]
        settled: DependentChanges,
    },
    KeyRevoked {
        name: String,
        #[serde(default)]
        settled: DependentChanges,
    },
    WebhookEdited,
    WebhookEnabled,
    WebhookDisabled,
    WebhookDeleted,
    DeliveryReplayed,
    RoleCreated {
        name: String,
    },
    RoleEdited {
        name: String,
        #[serde(default)]
        settled: DependentChanges,
    },
    RoleDeleted {
        name: String,
    },
    ResourceCreated {
        name: String,
    },
    ResourceEdited {
        name: String,
    },
    ResourceDeleted {
        name: String,
    },
    SettingsSaved,
    /// `is_finished` is true when no data of the person is left to be erased.
    PersonErased {
        pseudonym: String,
        is_finished: bool,
    },
    MailRetried,
    MailDone,
    /// `flaw` describes the first wrong event, if there is one.
    EventsVerified {
        count: u64,
        flaw: Option<String>,
    },
    PasswordChanged,
    /// Sessions of one's own were ended elsewhere.
    SessionsEnded {
        count: u64,
    },
    /// What was sent arrived without a session, and nothing was done.
    SignedOut,
    /// The action was refused for the reason in `sentence`, and nothing was changed.
    Refused {
        title: String,
        sentence: String,
    },
}

/// What happened to dependents of someone who is gone.
const STOPPED: &str = "stopped working";
/// What happened to dependents of someone who lost permissions.
const CUT: &str = "lost permissions or stopped working";

impl Flash {
    fn tone(&self) -> NoticeKind {
        match self {
            Self::ResentMany { done: 0, .. }
            | Self::RevokedMany { done: 0, .. }
            | Self::Undone { is_done: false, .. }
            | Self::Closed { .. }
            | Self::LastOwner { .. }
            | Self::MailDone
            | Self::SignedOut
            | Self::Refused { .. } => NoticeKind::Warning,
            Self::EventsVerified { flaw: Some(_), .. } => NoticeKind::Danger,
            Self::Invited { .. }
            | Self::Resent { .. }
            | Self::ResentMany { .. }
            | Self::Revoked { .. }
            | Self::RevokedMany { .. }
            | Self::Edited { .. }
            | Self::Done { .. }
            | Self::Undone { .. }
            | Self::MemberRolesChanged { .. }
            | Self::MemberRemoved { .. }
            | Self::Left { .. }
            | Self::KeyRevoked { .. }
            | Self::WebhookEdited
            | Self::WebhookEnabled
            | Self::WebhookDisabled
            | Self::WebhookDeleted
            | Self::DeliveryReplayed
            | Self::RoleCreated { .. }
            | Self::RoleEdited { .. }
            | Self::RoleDeleted { .. }
            | Self::ResourceCreated { .. }
            | Self::ResourceEdited { .. }
            | Self::ResourceDeleted { .. }
            | Self::SettingsSaved
            | Self::PersonErased { .. }
            | Self::MailRetried
            | Self::EventsVerified { flaw: None, .. }
            | Self::PasswordChanged
            | Self::SessionsEnded { .. } => NoticeKind::Success,
        }
    }

    /// Returns the act that can be taken back for a few seconds.
    fn act(&self) -> Option<ActId> {
        match self {
            Self::Resent { act, .. }
            | Self::ResentMany { act, .. }
            | Self::Revoked { act, .. }
            | Self::RevokedMany { act, .. }
            | Self::Done { act, .. }
            | Self::Edited { act, .. } => *act,
            _ => None,
        }
    }

    /// Returns the title, and the text below it.
    fn words(&self) -> (String, String) {
        let text = |title: &str, text: &str| (title.to_owned(), text.to_owned());
        match self {
            Self::Invited { count, notify: true } => (
                format!("{} invited", plural(*count, "person", "people")),
                if *count == 1 { "The email is on its way." } else { "The emails are on their way." }.to_owned(),
            ),
            Self::Invited { count, notify: false } => (
                format!("{} invited", plural(*count, "person", "people")),
                "No email is sent. Copy each link from its page and hand it over yourself.".to_owned(),
            ),
            Self::Resent { address, notify, .. } => changes::resent(address, *notify),
            Self::ResentMany { done, closed, limited, forbidden, .. } => {
                let (done, closed, limited, forbidden) = (*done, *closed, *limited, *forbidden);
                changes::resent_many(Tally { done, closed, forbidden, limited, changed: 0 })
            }
            Self::Revoked { name, .. } => changes::revoked(name),
            Self::RevokedMany { done, closed, forbidden, .. } => {
                let (done, closed, forbidden) = (*done, *closed, *forbidden);
                changes::revoked_many(Tally { done, closed, forbidden, ..Tally::default() })
            }
            Self::Edited { new_links, .. } => changes::edited(1, *new_links),
            Self::Done { title, text, .. } | Self::Undone { title, text, .. } => (title.clone(), text.clone()),
            Self::Closed { name, status } => (closed_words(name, *status), "Nothing was changed.".to_owned()),
            Self::MemberRolesChanged { name, settled } => {
                (format!("Roles of {name} updated"), settled_in_words(*settled, CUT))
            }
            Self::MemberRemoved { name, settled } => {
                (format!("{name} is no longer a member"), settled_in_words(*settled, STOPPED))
            }
            Self::LastOwner { name } => {
                (format!("{name} is the last owner, so the role stays"), "Make someone else an owner first.".to_owned())
            }
            Self::Left { organization, settled } => {
                (format!("You have left {organization}"), settled_in_words(*settled, STOPPED))
            }
            Self::KeyRevoked { name, settled } => (
                format!("Key {name} revoked"),
                format!("Programs that use it are refused. {}", settled_in_words(*settled, STOPPED)).trim().to_owned(),
            ),
            Self::WebhookEdited => text("Webhook updated", ""),
            Self::WebhookEnabled => text("Webhook enabled", "It receives events from now on."),
            Self::WebhookDisabled => text("Webhook disabled", "Pending deliveries were dropped."),
            Self::WebhookDeleted => text("Webhook deleted", ""),
            Self::DeliveryReplayed => text("Sending again", "The result appears under Attempts."),
            Self::RoleCreated { name } => (format!("Role “{name}” created"), "You can assign it now.".to_owned()),
            Self::RoleEdited { name, settled } => (
                format!("Role “{name}” updated"),
                format!("Everyone with this role now has these permissions. {}", settled_in_words(*settled, CUT))
                    .trim()
                    .to_owned(),
            ),
            Self::RoleDeleted { name } => (format!("Role “{name}” deleted"), String::new()),
            Self::ResourceCreated { name } => (format!("Resource “{name}” created"), String::new()),
            Self::ResourceEdited { name } => (format!("Resource “{name}” updated"), String::new()),
            Self::ResourceDeleted { name } => (format!("Resource “{name}” deleted"), String::new()),
            Self::SettingsSaved => text("Settings saved", ""),
            Self::PersonErased { pseudonym, is_finished } => person_erased(pseudonym, *is_finished),
            Self::MailRetried => text("The email is being sent again", ""),
            Self::MailDone => text("Nothing was changed", "This email was already sent, or is no longer needed."),
            Self::EventsVerified { count, flaw: None } => {
                (verified(*count), "Each hash matches its event and the hash before it.".to_owned())
            }
            Self::EventsVerified { flaw: Some(flaw), .. } => {
                ("The audit log is broken".to_owned(), format!("First problem: {flaw}."))
            }
            Self::PasswordChanged => text("Password changed", "You are signed out everywhere else."),
            Self::SessionsEnded { count: 0 } => text("You are signed in nowhere else", ""),
            Self::SessionsEnded { count } => {
                (format!("Signed out of {}", plural(*count, "other session", "other sessions")), String::new())
            }
            Self::SignedOut => text(
                "Nothing has been done yet",
                "You were signed out before this arrived. Check it, then send it again.",
            ),
            Self::Refused { title, sentence } => (title.clone(), sentence.clone()),
        }
    }
}

fn person_erased(pseudonym: &str, is_finished: bool) -> (String, String) {
    let rest = if is_finished { "" } else { " Older events follow within minutes." };
    ("Person erased".to_owned(), format!("They now appear as {pseudonym}.{rest}"))
}

fn verified(count: u64) -> String {
    if count == 1 { "1 event is unchanged".to_owned() } else { format!("All {} events are unchanged", grouped(count)) }
}

fn closed_words(name: &str, status: Status) -> String {
    match status {
        Status::Pending => format!("Someone invited {name} again before you"),
        Status::Accepted => format!("{name} accepted this invitation before your change"),
        Status::Declined => format!("{name} declined this invitation before your change"),
        Status::Revoked => "Someone revoked this invitation before you".to_owned(),
        Status::Expired => "This invitation expired before your change".to_owned(),
    }
}

/// Shows the flash that came with the request, if there is one.
#[component]
pub fn FlashNotice() -> impl IntoView {
    use_context::<Flash>().map(|flash| {
        let (title, text) = flash.words();
        let undo = flash.act().map(|act| view! { <UndoForm act/> });
        view! { <Notice tone=flash.tone() title text news=true>{undo}</Notice> }
    })
}

/// The button that takes back what was just done.
#[component]
fn UndoForm(act: ActId) -> impl IntoView {
    let action = format!("/o/{}/invitations/undo", use_portal_frame().organization.slug);
    view! {
        <form method="post" action=action data-act="undo" data-id=act.to_string()>
            <input type="hidden" name="act" value=act.to_string()/>
            <button class="button button--link" aria-describedby="undo-note">"Undo"</button>
            <span class="small quiet" id="undo-note">" within 10 seconds"</span>
        </form>
    }
    .into_any()
}
