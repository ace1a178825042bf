//! Several links are open in one browser: each form is of the offer that its page shows.

use super::{NEW, hidden, nothing_changed, opens, reads, says, sends};
use crate::harness::{Acme, Answer, Client, PASSWORD, TestApp, cast::CLIENT};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use vestibule_core::service::SessionToken;
use vestibule_domain::{
    InvitationId, MailFilter, Status,
    token::{Channel, LinkClaims},
};
use vestibule_store::Store;

const SESSION: &str = "__Host-vst_sid";
const VISITS: &str = "__Host-vst_inv";

/// What can be done on a page of an invitation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    AcceptAsNew,
    AcceptSignedIn,
    Decline,
    SignIn,
    SendCode,
    ProveMailbox,
    Switch,
    AskAgain,
}

const ACTS: [Act; 8] = [
    Act::AcceptAsNew,
    Act::AcceptSignedIn,
    Act::Decline,
    Act::SignIn,
    Act::SendCode,
    Act::ProveMailbox,
    Act::Switch,
    Act::AskAgain,
];

impl Act {
    fn path(self) -> &'static str {
        match self {
            Self::AcceptAsNew | Self::AcceptSignedIn => "/accept",
            Self::Decline => "/accept/decline",
            Self::SignIn => "/accept/sign-in",
            Self::SendCode => "/accept/code",
            Self::ProveMailbox => "/accept/code/proof",
            Self::Switch => "/sign-out",
            Self::AskAgain => "/accept/ask-again",
        }
    }

    /// By a link that was handed over, which needs a code.
    fn channel(self) -> Channel {
        match self {
            Self::SendCode | Self::ProveMailbox => Channel::Shared,
            _ => Channel::Mail,
        }
    }
}

/// A page of one invitation, as it was read.
struct Tab {
    at: Acme,
    id: InvitationId,
    /// The acceptance session's name.
    name: String,
    act: Act,
    /// Who was signed in.
    session: String,
    page: Answer,
    code: String,
}

/// Where the people of a scene come from, and how their rows are looked at.
struct Stage {
    app: TestApp,
    home: Acme,
    store: Store,
    client: Client,
    people: u32,
    /// Addresses with an account: asking for each would take as long as a sign-in.
    known: BTreeSet<String>,
    /// Somebody who is signed in and never signs out.
    stranger: SessionToken,
}

impl Stage {
    async fn new(app: TestApp) -> Self {
        let home = app.organization("Home").await;
        let store = Store::open(&app.database_url).await.unwrap();
        let stranger = home.session.clone();
        Self { client: app.client(), app, home, store, people: 0, known: BTreeSet::new(), stranger }
    }

    /// Somebody signs in with this address, and first gets an account if there is none.
    async fn account(&mut self, email: &str) -> SessionToken {
        if !self.known.insert(email.to_owned()) {
            return self.app.vestibule.sessions().sign_in(email, PASSWORD, CLIENT).await.unwrap();
        }
        let id = self.app.invites(&self.home, email).await;
        let acceptance_session = self.app.vestibule.acceptance().open(&self.token(id, Channel::Mail)).await.unwrap();
        self.app
            .vestibule
            .acceptance()
            .accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD)
            .await
            .unwrap()
            .0
    }

    fn token(&self, invitation_id: InvitationId, channel: Channel) -> String {
        self.app.signing_keys.token(LinkClaims { invitation_id, generation: 1, channel }).as_str().to_owned()
    }

    /// Somebody is invited, opens the link, and comes to the page where this can be done.
    async fn opens(&mut self, email: &str, act: Act) -> Tab {
        self.people += 1;
        let at = self.app.beside(&self.home, &format!("Organization {}", self.people)).await;
        let id = self.app.invites(&at, email).await;
        let session = match act {
            Act::AcceptSignedIn => self.account(email).await.as_str().to_owned(),
            Act::AskAgain => self.stranger.as_str().to_owned(),
            Act::Switch => {
                let stranger = format!("stranger{}@example.com", self.people);
                self.account(&stranger).await.as_str().to_owned()
            }
            Act::SignIn => {
                self.account(email).await;
                String::new()
            }
            Act::AcceptAsNew | Act::Decline | Act::SendCode | Act::ProveMailbox => String::new(),
        };
        self.client.set_cookie(SESSION, &session);
        let opened = self.client.get(&format!("/i/{}", self.token(id, act.channel()))).await;
        let name = opened.location().split_once("?offer=").unwrap().1.to_owned();
        let mut page = self.client.get(opened.location()).await;
        let mut code = String::new();
        if act == Act::Decline {
            page = self.client.get(&format!("/accept/decline?offer={name}")).await;
        }
        if act == Act::ProveMailbox {
            let sent = sends(&self.client, &page, "/accept/code", &[]).await;
            self.app.settle().await;
            code = self.app.mailed_code(email);
            page = self.client.get(sent.location()).await;
        }
        Tab { at, id, name, act, session, page, code }
    }

    /// Presses the button of a page, with who was signed in when it was read.
    async fn presses(&self, tab: &Tab) -> Answer {
        self.client.set_cookie(SESSION, &tab.session);
        let typed: &[(&str, &str)] = match tab.act {
            Act::AcceptAsNew => &NEW,
            Act::SignIn => &[("password", PASSWORD)],
            Act::ProveMailbox => &[("code", &tab.code)],
            Act::Decline => &[("reason", "No time.")],
            Act::AcceptSignedIn | Act::SendCode | Act::Switch | Act::AskAgain => &[],
        };
        sends(&self.client, &tab.page, tab.act.path(), typed).await
    }

    /// All rows of the invitation's organization, and of the acceptance session, that an answer changes.
    async fn rows(&self, tab: &Tab) -> String {
        let invitation = self.app.vestibule.invitations().detail(&tab.at.scope, tab.id).await.unwrap();
        let members = self.app.vestibule.members().all(&tab.at.scope).await.unwrap();
        let members: Vec<_> = members.iter().map(|member| member.email.to_string()).collect();
        let mails = self.app.vestibule.outbox().page(&tab.at.scope, &MailFilter::default(), None, 50).await.unwrap();
        let mails: Vec<_> = mails.page.items.iter().map(|mail| format!("{:?}", mail.letter)).collect();
        let events: Vec<_> = invitation.events.iter().map(|event| event.fact.action()).collect();
        let acceptance_session = self.acceptance_session(&tab.name).await;
        format!("{:?} {members:?} {mails:?} {events:?} {acceptance_session:?}", invitation.row.invitation.state)
    }

    async fn acceptance_session(&self, name: &str) -> Option<vestibule_store::AcceptanceSessionRow> {
        let cookie = self.client.cookie(VISITS).unwrap_or_default();
        let digests = cookie.split('.').map(|token| Sha256::digest(token.as_bytes()));
        let mut named = digests.filter(|digest| URL_SAFE_NO_PAD.encode(&digest[..9]) == name);
        let digest = named.next()?;
        let found: Result<_, vestibule_store::Error> =
            self.store.read(async |tx| tx.acceptance_sessions().get(&digest).await).await;
        found.unwrap()
    }

    /// Whether the act was done, on this invitation.
    async fn is_done(&self, tab: &Tab, answer: &Answer) -> bool {
        let status = self.app.invitation(&tab.at, tab.id).await.status(self.app.vestibule.now());
        let leads_to = |path: String| answer.status == 303 && answer.location() == path;
        let back = leads_to(format!("/accept?offer={}", tab.name));
        match tab.act {
            Act::AcceptAsNew | Act::AcceptSignedIn => {
                leads_to(format!("/o/{}/welcome", tab.at.slug)) && status == Status::Accepted
            }
            Act::Decline => answer.status == 200 && status == Status::Declined,
            Act::SignIn => back && self.client.cookie(SESSION).is_some(),
            Act::SendCode => back && self.acceptance_session(&tab.name).await.unwrap().codes_sent == 1,
            Act::ProveMailbox => back && self.acceptance_session(&tab.name).await.unwrap().is_proven,
            Act::Switch => back && self.app.vestibule.sessions().get(&tab.session).await.unwrap().is_none(),
            Act::AskAgain => answer.status == 200 && answer.text.contains("Check your email"),
        }
    }

    /// One page is read and then another, and both buttons are pressed, the first one's first.
    async fn both_land(&mut self, [first, second]: [(&str, Act); 2]) {
        // no limit is met
        self.app.advance(chrono::Duration::minutes(30));
        self.client = self.app.client();
        let tabs = [self.opens(first.0, first.1).await, self.opens(second.0, second.1).await];
        for (tab, other) in [(&tabs[0], &tabs[1]), (&tabs[1], &tabs[0])] {
            let scene = format!("{first:?} and {second:?}: {:?}", tab.act);
            let (mine, others) = (self.rows(tab).await, self.rows(other).await);
            let answer = self.presses(tab).await;
            assert_eq!(self.rows(other).await, others, "{scene}: the other invitation changed\n{}", answer.text);
            if self.is_done(tab, &answer).await {
                continue;
            }
            // somebody has got an account since the page for a new one was read
            let has_account = tab.act == Act::AcceptAsNew && first.0 == second.0;
            assert!(has_account, "{scene}: {} {}\n{}", answer.status, answer.location(), answer.text);
            assert_eq!(answer.status, 409, "{scene}");
            assert_eq!(self.rows(tab).await, mine, "{scene}: it says no, and something changed");
        }
    }
}

/// Each page with each other, in each order.
async fn every_pair(app: TestApp, address_of: impl Fn(usize, usize) -> [String; 2]) {
    let mut stage = Stage::new(app).await;
    for (n, first) in ACTS.into_iter().enumerate() {
        for (m, second) in ACTS.into_iter().enumerate() {
            let [one, other] = address_of(n, m);
            // the page for a new account is not to be had once there is one
            let has_account = matches!(first, Act::AcceptSignedIn | Act::SignIn);
            if one == other && has_account && second == Act::AcceptAsNew {
                continue;
            }
            stage.both_land([(&one, first), (&other, second)]).await;
        }
    }
}

both! {
    async fn of_two_invitations_to_one_address_each_form_is_of_its_own(app) {
        every_pair(app, |n, m| [format!("grace{n}{m}@example.com"), format!("grace{n}{m}@example.com")]).await;
    }

    async fn of_two_invitations_to_two_addresses_each_form_is_of_its_own(app) {
        every_pair(app, |n, m| [format!("grace{n}{m}@example.com"), format!("okafor{n}{m}@example.com")]).await;
    }

    async fn a_form_without_a_name_is_refused_while_two_are_open(app) {
        let acme = app.organization("Acme").await;
        let brine = app.beside(&acme, "Brine").await;
        let client = app.client();
        let mut invited = Vec::new();
        for at in [&acme, &brine] {
            let id = app.invites(at, "grace@example.com").await;
            app.settle().await;
            reads(&client, &app.mailed_token("grace@example.com")).await;
            invited.push((at, id));
        }
        let before = app.mail.messages().len();
        for path in
            ["/accept", "/accept/sign-in", "/accept/code", "/accept/code/proof", "/accept/decline", "/accept/ask-again"]
        {
            let answer = client.post(path, &NEW).await;
            says(&answer, 409, "Several invitations are open");
            says(&answer, 409, "Nothing has been changed.");
            for name in ["Acme for g•••@example.com", "Brine for g•••@example.com"] {
                says(&answer, 409, name);
            }
            let links: Vec<&str> = answer.text.split("href=\"/accept?offer=").skip(1).map(|rest| &rest[..12]).collect();
            assert_eq!(links.len(), 2);
            says(&client.get(&format!("/accept?offer={}", links[1])).await, 200, "invites you to join Acme");
        }
        for (at, id) in invited {
            assert!(app.invitation(at, id).await.is_pending(app.vestibule.now()));
            assert_eq!(app.vestibule.members().all(&at.scope).await.unwrap().len(), 1);
        }
        app.settle().await;
        assert_eq!(app.mail.messages().len(), before);
        says(&client.get("/accept").await, 200, "invites you to join Brine");
    }

    async fn a_name_that_this_browser_does_not_know_changes_nothing(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let token = app.mailed_token("grace@example.com");
        let elsewhere = app.client().get(&format!("/i/{token}")).await;
        let name = elsewhere.location().split_once('=').unwrap().1.to_owned();
        let client = opens(&app, &token).await;
        for name in [name.as_str(), "x", "../"] {
            for path in ["/accept", "/accept/decline"] {
                says(&client.get(&format!("{path}?offer={name}")).await, 404, "Open the link from your mail again");
            }
            for path in
                ["/accept", "/accept/sign-in", "/accept/code", "/accept/code/proof", "/accept/decline", "/accept/ask-again"]
            {
                let fields = [&NEW[..], &[("offer", name)]].concat();
                says(&client.post(path, &fields).await, 404, "Open the link from your mail again");
            }
        }
        nothing_changed(&app, &acme, id, 1).await;
    }

    async fn five_links_stay_open_and_the_same_one_counts_once(app) {
        let acme = app.organization("Acme").await;
        let client = app.client();
        let mut pages = Vec::new();
        for n in 0..6 {
            let at = app.beside(&acme, &format!("Organization {n}")).await;
            app.invites(&at, "grace@example.com").await;
            app.settle().await;
            let token = app.mailed_token("grace@example.com");
            let first = reads(&client, &token).await;
            let again = reads(&client, &token).await;
            says(&sends(&client, &first, "/accept", &NEW).await, 404, "Open the link from your mail again");
            pages.push((again, at));
        }
        assert_eq!(client.cookie(VISITS).unwrap().split('.').count(), 5);
        says(&sends(&client, &pages[0].0, "/accept", &NEW).await, 404, "Open the link from your mail again");
        let answer = sends(&client, &pages[1].0, "/accept", &NEW).await;
        assert_eq!(answer.location(), "/o/organization-1/welcome");
        for (_, at) in pages.iter().filter(|(_, at)| at.slug != "organization-1") {
            assert_eq!(app.vestibule.members().all(&at.scope).await.unwrap().len(), 1, "{}", at.slug);
        }
    }

    async fn nobody_else_is_signed_out_than_the_page_named(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@example.com", "Alan Fenn", "member").await;
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let client = app.client_of(&acme.session);
        let page = reads(&client, &app.mailed_token("grace@example.com")).await;
        says(&page, 403, "This invitation is for another email address");
        let next = hidden(&page, "/sign-out")[0].1.clone();
        assert!(next.starts_with("/accept?offer="), "{next}");
        // in another tab somebody else has signed in
        client.set_cookie(SESSION, alan.session.as_str());
        let answer = sends(&client, &page, "/sign-out", &[]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, next.as_str()));
        says(&client.get(&next).await, 403, "alan@example.com");
        assert!(app.vestibule.sessions().get(alan.session.as_str()).await.unwrap().is_some());
        // or nobody is any more
        client.set_cookie(SESSION, "");
        assert_eq!(sends(&client, &page, "/sign-out", &[]).await.location(), next);
        assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_some());
        // or it is still the same person
        client.set_cookie(SESSION, acme.session.as_str());
        assert_eq!(sends(&client, &page, "/sign-out", &[]).await.location(), next);
        assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_none());
        says(&client.get(&next).await, 200, "Choose a password");
    }

    async fn what_a_page_says_of_its_visit_is_no_secret(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let client = app.client();
        let token = app.mailed_token("grace@example.com");
        let page = reads(&client, &token).await;
        let name = hidden(&page, "/accept")[0].1.clone();
        assert!(name.len() >= 10);
        let cookie = client.cookie(VISITS).unwrap();
        assert!(!cookie.contains(&name) && !page.text.contains(&cookie) && !page.text.contains(&token[..20]));
        let thief = app.client();
        says(&thief.get(&format!("/accept?offer={name}")).await, 200, "open the link from your email again");
        thief.set_cookie(VISITS, &name);
        says(&thief.get(&format!("/accept?offer={name}")).await, 200, "open the link from your email again");
    }
}
