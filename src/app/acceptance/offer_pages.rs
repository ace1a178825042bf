//! The pages of an open offer, one for each situation of the invitee.

use super::accept::PageExtras;
use super::acceptance_session::{AnswerFields, OfferField, OfferForm, href};
use super::parts::{Facts, GoTo, Words, decline_link, invitation, room};
use crate::app::component::{DoorState, Notice, NoticeKind, Summary, TextField};
use crate::app::form::{Draft, Input};
use crate::app::public::layout::{Part, PublicHost, PublicPage, part};
use crate::app::public::parts::{PasswordField, SignedInAs, Username};
use crate::app::public::sign_in::SignOutForm;
use leptos::prelude::*;
use std::sync::Arc;
use vestibule_domain::{Offer, User};

/// The page for an email address without an account: name and password create one.
pub fn new(offer: Arc<Offer>, extras: PageExtras) -> PublicPage {
    let (page, declined) = (invitation(&offer, DoorState::Ajar), Arc::clone(&offer));
    page.body(move || {
        view! {
            <Facts offer=Arc::clone(&offer)/>
            {extras.notice.map(|notice| notice())}
            <NewForm offer=Arc::clone(&offer) draft=extras.draft/>
            <Words offer long=true/>
        }
    })
    .aside(move || decline_link(&declined))
}

/// The page for installations without a mail server. They can't prove the mailbox, so the page does not reveal whether
/// the email address has an account.
pub fn new_or_sign_in(offer: Arc<Offer>, extras: PageExtras) -> PublicPage {
    let (page, declined) = (invitation(&offer, DoorState::Ajar), Arc::clone(&offer));
    page.body(move || {
        view! {
            <Facts offer=Arc::clone(&offer)/>
            {extras.notice.map(|notice| notice())}
            <NewForm offer=Arc::clone(&offer) draft=extras.draft/>
            <OrSignIn offer=Arc::clone(&offer) open=extras.at_sign_in/>
            <Words offer long=true/>
        }
    })
    .aside(move || decline_link(&declined))
}

/// The page for an email address with an account. The link alone never signs in to it.
pub fn sign_in(offer: Arc<Offer>, notice: Option<Part>) -> PublicPage {
    let page = invitation(&offer, DoorState::Ajar);
    let [forgotten, decline] =
        ["/forgot-password", "/accept/decline"].map(|path| href(path, &offer.acceptance_session));
    page.body(move || {
        view! {
            <Facts offer=Arc::clone(&offer)/>
            {notice.map(|notice| notice())}
            <form class="stack stack--loose" method="post" action="/accept/sign-in">
                <OfferField offer=&offer/>
                <Username email=&offer.email/>
                <PasswordField input=OfferForm::password().empty() label=password_label() is_new=false/>
                <button class="button button--main button--wide">"Sign in to join"</button>
            </form>
            <Words offer long=true/>
        }
    })
    .aside(move || {
        view! { <a href=forgotten>"Forgotten password"</a> " · " <a href=decline>"Decline"</a> }
    })
}

/// Returns the label of the password's field. It says which password, since people have one at each installation.
fn password_label() -> String {
    use_context::<PublicHost>()
        .map_or_else(|| "Your password".to_owned(), |PublicHost(host)| format!("Your password for {host}"))
}

/// The page for the signed-in invitee: one button.
pub fn join(offer: Arc<Offer>, user: User, notice: Option<Part>) -> PublicPage {
    let (page, declined) = (invitation(&offer, DoorState::Open), Arc::clone(&offer));
    page.body(move || {
        view! {
            <Facts offer=Arc::clone(&offer)/>
            {notice.map(|notice| notice())}
            <form class="stack" method="post" action="/accept">
                <AnswerFields offer=&offer/>
                <SignedInAs user=user.clone()>
                    <button class="button button--link" form="switch">"Not you?"</button>
                </SignedInAs>
                <JoinButton offer=&offer/>
            </form>
            <SwitchForm offer=&offer user=&user/>
            <Words offer long=true/>
        }
    })
    .aside(move || decline_link(&declined))
}

/// The page for someone who is signed in with another email address. Nothing is accepted silently for the wrong
/// account.
pub fn wrong_account(offer: Arc<Offer>, user: User) -> PublicPage {
    let mask = offer.email.mask();
    room(&offer, DoorState::Shut, "This invitation is for another email address")
        .lead(move || {
            view! {
                "It was sent to " <bdi>{mask}</bdi> "." <br/>
                "You are signed in as someone else, so nothing has been accepted."
            }
        })
        .body(move || {
            view! {
                <SignedInAs user=user.clone()/>
                <div class="stack">
                    <button class="button button--main button--wide" form="switch">"Sign out and continue"</button>
                    <form class="stack" method="post" action="/accept/ask-again">
                        <OfferField offer=&offer/>
                        <button class="button button--wide">"Ask for a new invitation"</button>
                    </form>
                </div>
                <SwitchForm offer=&offer user=&user/>
            }
        })
        .aside(|| "You will come back to this page after signing out.")
}

/// The page for a signed-in invitee who is already a member.
pub fn already_member(offer: Arc<Offer>) -> PublicPage {
    let (name, href) = (offer.organization.name.to_string(), format!("/o/{}", offer.organization.slug));
    room(&offer, DoorState::Open, "You are already a member")
        .lead({
            let name = name.clone();
            move || view! { "You belong to " <bdi>{name}</bdi> ", and your roles stay as they are." }
        })
        .body(move || view! { <GoTo name href/> })
}

/// The page for an offer whose inviter can no longer grant these roles.
pub fn inviter_may_not(offer: Arc<Offer>) -> PublicPage {
    let (inviter, organization) = (offer.inviter().to_owned(), offer.organization.name.to_string());
    room(&offer, DoorState::Shut, "This invitation can’t be accepted now")
        .lead(move || {
            view! {
                <bdi>{inviter}</bdi> " can no longer give the roles in it. Ask an admin of "
                <bdi>{organization}</bdi> " to invite you again."
            }
        })
        .body(move || view! { <super::parts::MaskedFacts offer/> })
}

/// The notice that the password does not match the invited email address.
pub fn no_match() -> Part {
    part(|| {
        view! {
            <Notice
                tone=NoticeKind::Danger
                title="That email address and password don’t match"
                text="Check the password, or set a new one."
                news=true
            />
        }
    })
}

/// The notice that no account was created.
pub fn not_created() -> Part {
    part(|| {
        view! {
            <Notice
                tone=NoticeKind::Danger
                title="No account was created"
                text="If you have an account with this email address, sign in with it below."
                news=true
            />
        }
    })
}

/// The fields of a new account, which show their errors.
const NEW_FIELDS: &[&str] = &[OfferForm::name().name, OfferForm::password().name];

/// The form for the name and password of a new account.
#[component]
fn NewForm(offer: Arc<Offer>, draft: Draft<OfferForm>) -> impl IntoView {
    let known = offer.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = draft.input(OfferForm::name());
    let name = Input { value: name.value.or(Some(known)), ..name };
    let password = draft.input(OfferForm::password());
    view! {
        <Summary violations=draft.violations fields=NEW_FIELDS/>
        <form class="stack stack--loose" method="post" action="/accept">
            <AnswerFields offer=&offer/>
            <TextField input=name label="Your name" autocomplete="name"/>
            <Username email=&offer.email/>
            <PasswordField input=password label="Choose a password" is_new=true/>
            <JoinButton offer=&offer/>
        </form>
    }
}

/// The form for people who have an account, on a page that does not reveal whether there is one.
#[component]
pub fn OrSignIn(offer: Arc<Offer>, open: bool) -> impl IntoView {
    let (mask, forgotten) = (offer.email.mask(), href("/forgot-password", &offer.acceptance_session));
    view! {
        <details class="more" open=open>
            <summary>"I have an account with this email address"</summary>
            <form class="stack stack--loose" method="post" action="/accept/sign-in">
                <OfferField offer=&offer/>
                <p class="quiet">"Sign in as " <bdi>{mask}</bdi> "."</p>
                <PasswordField
                    input=OfferForm::password().empty()
                    label="Your account’s password"
                    is_new=false
                    id="known-password"
                />
                <button class="button button--wide">"Sign in to join"</button>
                <p class="small"><a href=forgotten>"Forgotten password"</a></p>
            </form>
        </details>
    }
}

#[component]
fn JoinButton<'a>(offer: &'a Offer) -> impl IntoView + use<> {
    let name = offer.organization.name.to_string();
    // a single element in the button's flex row: otherwise its gap would separate the words
    view! { <button class="button button--main button--wide"><span>"Join " <bdi>{name}</bdi></span></button> }
}

/// The form that signs out and returns to this page; buttons elsewhere on the page submit it. It names the user whom
/// the page shows as signed in.
#[component]
fn SwitchForm<'a>(offer: &'a Offer, user: &'a User) -> impl IntoView + use<> {
    view! {
        <form id="switch" method="post" action="/sign-out" hidden>
            <input type="hidden" name=SignOutForm::next().name value=href("/accept", &offer.acceptance_session)/>
            <input type="hidden" name=SignOutForm::signed_in().name value=user.email.as_str().to_owned()/>
        </form>
    }
}
