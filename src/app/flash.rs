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
            | Self::PasswordChanged => NoticeKind::Success,
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
            Self::Invited { count, notify: true } => {
                (format!("{} invited", plural(*count, "person", "people")), "Their mails are on the way.".to_owned())
            }
            Self::Invited { count, notify: false } => (
                format!("{} invited", plural(*count, "person", "people")),
                "No mail is sent. Copy each link from its page and hand it over yourself.".to_owned(),
            ),
            Self::Resent { address, notify, .. } => changes::resent(address, *notify),
            Self::ResentMany { done, closed, limited, forbidden, .. } => {
                let (done, closed, limited, forbidden) = (*done, *closed, *limited, *forbidden);
                changes::resent_many(Tally { done, closed, forbidden, limited })
            }
            Self::Revoked { name, .. } => changes::revoked(name),
            Self::RevokedMany { done, closed, forbidden, .. } => {
                let (done, closed, forbidden) = (*done, *closed, *forbidden);
                changes::revoked_many(Tally { done, closed, forbidden, limited: 0 })
            }
            Self::Edited { new_links, .. } => changes::edited(1, *new_links),
            Self::Done { title, text, .. } | Self::Undone { title, text, .. } => (title.clone(), text.clone()),
            Self::Closed { name, status } => {
                (format!("{name} {} before your change", closed_words(*status)), "Nothing was changed.".to_owned())
            }
            Self::MemberRolesChanged { name, settled } => {
                (format!("The roles of {name} are changed"), settled_in_words(*settled, CUT))
            }
            Self::MemberRemoved { name, settled } => {
                (format!("{name} is no longer a member"), settled_in_words(*settled, STOPPED))
            }
            Self::LastOwner { name } => (
                format!("{name} is the last owner, so the role stays"),
                "Make somebody else an owner first.".to_owned(),
            ),
            Self::Left { organization, settled } => {
                (format!("You have left {organization}"), settled_in_words(*settled, STOPPED))
            }
            Self::KeyRevoked { name, settled } => (
                format!("The key {name} is revoked"),
                format!("Programs that show it are refused. {}", settled_in_words(*settled, STOPPED)).trim().to_owned(),
            ),
            Self::WebhookEdited => text("The webhook is changed", ""),
            Self::WebhookEnabled => text("The webhook is enabled", "It hears of what happens from now on."),
            Self::WebhookDisabled => text("The webhook is disabled", "What was on its way is given up."),
            Self::WebhookDeleted => text("The webhook is deleted", ""),
            Self::DeliveryReplayed => text("It is sent again now", "What came of it appears among the tries."),
            Self::RoleCreated { name } => {
                (format!("There is a new role, {name}"), "It can be given at once.".to_owned())
            }
            Self::RoleEdited { name, settled } => (
                format!("The role {name} is changed"),
                format!("Everyone with this role now has these permissions. {}", settled_in_words(*settled, CUT))
                    .trim()
                    .to_owned(),
            ),
            Self::RoleDeleted { name } => (format!("The role {name} is deleted"), String::new()),
            Self::ResourceCreated { name } => (format!("There is a new resource, {name}"), String::new()),
            Self::ResourceEdited { name } => (format!("The resource {name} is changed"), String::new()),
            Self::ResourceDeleted { name } => (format!("The resource {name} is deleted"), String::new()),
            Self::SettingsSaved => text("The settings are saved", ""),
            Self::PersonErased { pseudonym, is_finished } => person_erased(pseudonym, *is_finished),
            Self::MailRetried => text("The mail is tried again now", ""),
            Self::MailDone => text("Nothing was changed", "The mail was sent already, or is not needed any more."),
            Self::EventsVerified { count, flaw: None } => {
                (verified(*count), "Each hash follows from its event and the hash before it.".to_owned())
            }
            Self::EventsVerified { flaw: Some(flaw), .. } => {
                ("The record is broken".to_owned(), format!("The first that is wrong: {flaw}."))
            }
            Self::PasswordChanged => text("Your password is changed", "Everywhere else you are signed out."),
            Self::Refused { title, sentence } => (title.clone(), sentence.clone()),
        }
    }
}

fn person_erased(pseudonym: &str, is_finished: bool) -> (String, String) {
    let rest = if is_finished { "" } else { " Older events follow within minutes." };
    ("The person is erased".to_owned(), format!("In their place stands {pseudonym}.{rest}"))
}

fn verified(count: u64) -> String {
    if count == 1 {
        "1 event is as it was written".to_owned()
    } else {
        format!("All {} events are as they were written", grouped(count))
    }
}

fn closed_words(status: Status) -> &'static str {
    match status {
        Status::Pending => "was invited again",
        Status::Accepted => "accepted this",
        Status::Declined => "declined this",
        Status::Revoked => "was told that this is withdrawn",
        Status::Expired => "let this expire",
    }
}

/// Shows the flash that came with the request, if there is one.
#[component]
pub fn FlashNotice() -> impl IntoView {
    use_context::<Flash>().map(|flash| {
        let (title, text) = flash.words();
        let undo = flash.act().map(|act| view! { <UndoForm act/> });
        view! { <Notice tone=flash.tone() title text>{undo}</Notice> }
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
