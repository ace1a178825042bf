//! `vestibule seed`: a demo organization with a realistic history. Every row comes from a real operation, performed on
//! a clock that starts thirty days ago.

use super::{CliError, cli_error, read_secret};
use crate::config::Config;
use crate::server;
use chrono::Duration;
use clap::Args;
use std::sync::Arc;
use vestibule_core::mail::{Mailer, Memory};
use vestibule_core::service::{Scope, SetUp, Vestibule};
use vestibule_core::worker;
use vestibule_domain::{
    Clock, Instant, InvitationId, Invite, InviteOutcome, ManualClock, Permission, Role, RoleId, SendOutcome,
    SystemClock, User,
};

#[derive(Args)]
pub struct Seed {
    /// Read the password of all demo people from standard input. Without it, one is generated and printed.
    #[arg(long)]
    password_stdin: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What happens to a demo invitation.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Joins,
    Declines,
    Revoked,
    Waits,
    /// The mail server defers the mail.
    Deferred,
    /// The mail server rejects the mail.
    Failed,
    Resent,
}

struct Person {
    name: &'static str,
    email: &'static str,
    role: &'static str,
    /// How many days ago they were invited.
    day: i64,
    fate: Fate,
}

const OWNER: (&str, &str) = ("Ada Byrne", "ada@saltmarsh.example");
const DAYS: i64 = 30;

impl Seed {
    pub async fn run(self, config: &Config) -> Result<(), CliError> {
        let password = if self.password_stdin { read_secret()? } else { passphrase() };
        // the work of the last day takes some time, and must not end in the future
        let start = SystemClock.now() - Duration::days(DAYS) - Duration::hours(2);
        let (clock, mailer) = (Arc::new(ManualClock::new(start)), Memory::default());
        let vestibule = server::open_at(config, clock.clone(), Some(Mailer::Memory(mailer.clone()))).await?;
        let done = self.fill(&vestibule, clock, mailer, start, password).await;
        vestibule.close().await;
        done
    }

    async fn fill(
        &self,
        vestibule: &Arc<Vestibule>,
        clock: Arc<ManualClock>,
        mailer: Memory,
        start: Instant,
        password: String,
    ) -> Result<(), CliError> {
        if !vestibule.organizations().needs_set_up().await? {
            return Err(
                "the database is not empty, and seed needs an empty one. Choose another VESTIBULE_DATA_DIR".into()
            );
        }
        let new = SetUp {
            organization: "Saltmarsh Press".into(),
            slug: "saltmarsh".into(),
            name: OWNER.0.into(),
            email: OWNER.1.into(),
            password: password.clone(),
        };
        let organization = vestibule.organizations().create(new).await.map_err(cli_error)?;
        let vestibule = Arc::clone(vestibule);
        let demo = Demo { vestibule, clock, mailer, password, slug: organization.slug.to_string(), start };
        demo.live(self.json).await?;
        demo.report(self.json);
        Ok(())
    }
}

struct Demo {
    vestibule: Arc<Vestibule>,
    clock: Arc<ManualClock>,
    mailer: Memory,
    password: String,
    slug: String,
    start: Instant,
}

impl Demo {
    /// Simulates thirty days, one after the other.
    async fn live(&self, quiet: bool) -> Result<(), CliError> {
        let people = people();
        let mut waiting: Vec<(i64, &Person, InvitationId)> = Vec::new();
        for day in (0..=DAYS).rev() {
            if !quiet {
                eprint!("\rSimulating day {} of {DAYS}", DAYS - day);
            }
            for (hour, person) in people.iter().filter(|person| person.day == day).enumerate() {
                let id = self.invite(person).await?;
                waiting.push((day - 1 - i64::from(hour % 2 == 1), person, id));
                self.clock.advance(Duration::minutes(7));
            }
            let (due, later) = waiting.into_iter().partition(|(due, _, _)| *due >= day);
            waiting = later;
            for (_, person, id) in due {
                self.answer(person, id).await?;
                self.clock.advance(Duration::minutes(11));
            }
            self.settle().await?;
            if day > 0 {
                let tomorrow = self.start + Duration::days(DAYS - day + 1);
                self.clock.advance((tomorrow - self.clock.now()).max(Duration::zero()));
            }
        }
        if !quiet {
            eprintln!();
        }
        Ok(())
    }

    async fn invite(&self, person: &Person) -> Result<InvitationId, CliError> {
        let scope = self.inviter(person).await?;
        self.mailer.answer_with(match person.fate {
            // once when it is sent, and again at the end of the day
            Fate::Deferred => vec![
                SendOutcome::Deferred {
                    response: "451 4.7.1 Greylisting in action, please come back later".into(),
                    our_fault: false,
                };
                2
            ],
            Fate::Failed => vec![SendOutcome::Failed { response: "550 5.1.1 The mailbox does not exist".into() }],
            Fate::Joins | Fate::Declines | Fate::Revoked | Fate::Waits | Fate::Resent => Vec::new(),
        });
        let message = if person.role == Role::MEMBER {
            ""
        } else {
            "Your notes on the hedgerow plates were a joy. Come and do the rest with us?"
        };
        let invite = Invite {
            recipients: format!("{} <{}>", person.name, person.email),
            role_ids: vec![self.role(&scope, person.role).await?],
            resource_ids: Vec::new(),
            message: message.into(),
            expires_in_days: None,
            notify: true,
        };
        let results = self.vestibule.invitations().invite(&scope, &invite).await.map_err(cli_error)?;
        self.settle().await?;
        match results.first().map(|result| &result.outcome) {
            Some(InviteOutcome::Invited { id }) => Ok(*id),
            other => Err(format!("{} was not invited: {other:?}", person.email).into()),
        }
    }

    async fn answer(&self, person: &Person, id: InvitationId) -> Result<(), CliError> {
        let vestibule = &self.vestibule;
        match person.fate {
            Fate::Joins => {
                let acceptance_session = vestibule.acceptance().open_as_mailed(id).await.map_err(cli_error)?;
                vestibule
                    .acceptance()
                    .accept_as_new(acceptance_session.as_str(), person.name, &self.password)
                    .await
                    .map_err(cli_error)?;
            }
            Fate::Declines => {
                let acceptance_session = vestibule.acceptance().open_as_mailed(id).await.map_err(cli_error)?;
                vestibule
                    .acceptance()
                    .decline(acceptance_session.as_str(), "Thank you, but my desk is full until spring.")
                    .await
                    .map_err(cli_error)?;
            }
            Fate::Revoked => drop(vestibule.invitations().revoke(&self.owner().await?, id).await.map_err(cli_error)?),
            Fate::Resent => drop(vestibule.invitations().resend(&self.owner().await?, id).await.map_err(cli_error)?),
            Fate::Waits | Fate::Deferred | Fate::Failed => {}
        }
        Ok(())
    }

    async fn settle(&self) -> Result<(), CliError> {
        while worker::tick(&self.vestibule).await? == worker::RoundProgress::Some {}
        Ok(())
    }

    async fn owner(&self) -> Result<Scope, CliError> {
        self.enter(OWNER.1).await
    }

    /// Returns one of the members who can invite by then. The choice is the same each time that the demo is created.
    async fn inviter(&self, person: &Person) -> Result<Scope, CliError> {
        let mut able = self.vestibule.members().all(&self.owner().await?).await?;
        able.retain(|member| member.has(Permission::UserInvite));
        able.sort_by_key(|member| member.joined_at);
        let lot: usize = person.email.bytes().map(usize::from).sum();
        self.enter(able[lot % able.len()].email.as_str()).await
    }

    async fn enter(&self, email: &str) -> Result<Scope, CliError> {
        let user: User =
            self.vestibule.organizations().user_of_address(email).await?.ok_or("a demo person no longer exists")?;
        Ok(self.vestibule.enter(&user, &self.slug).await?)
    }

    async fn role(&self, scope: &Scope, key: &str) -> Result<RoleId, CliError> {
        let roles = self.vestibule.roles().all(scope).await?;
        let role = roles.iter().find(|role| role.key == key);
        Ok(role.ok_or_else(|| format!("there is no role {key}"))?.id)
    }

    fn report(&self, json: bool) {
        let url = self.vestibule.settings().url("/sign-in");
        if json {
            println!(
                "{}",
                serde_json::json!({ "slug": self.slug, "email": OWNER.1, "password": self.password, "url": url })
            );
        } else {
            println!(
                "Saltmarsh Press was created. Sign in at {url}\n  email address  {}\n  password       {}",
                OWNER.1, self.password
            );
        }
    }
}

/// Returns five random words.
fn passphrase() -> String {
    const WORDS: [&str; 32] = [
        "hedgerow", "lantern", "oyster", "bramble", "copper", "thimble", "walnut", "harbour", "meadow", "pebble",
        "saffron", "juniper", "marigold", "anchor", "velvet", "cobble", "heather", "orchard", "pewter", "quarry",
        "ribbon", "sextant", "tallow", "umber", "willow", "yarrow", "almond", "beacon", "cinder", "drizzle", "ember",
        "fathom",
    ];
    let words: Vec<&str> = (0..5).map(|_| WORDS[rand::random_range(0..WORDS.len())]).collect();
    words.join(" ")
}

fn people() -> Vec<Person> {
    use Fate::{Declines, Deferred, Failed, Joins, Resent, Revoked, Waits};
    let (admin, member) = (Role::ADMIN, Role::MEMBER);
    let person = |name, email, role, day, fate| Person { name, email, role, day, fate };
    vec![
        person("Joan Whitlock", "joan@saltmarsh.example", admin, 30, Joins),
        person("Grace Okafor", "grace@saltmarsh.example", admin, 29, Joins),
        person("Alan Pemberton", "alan@saltmarsh.example", member, 29, Joins),
        person("Mei-Ling Zhou", "mei-ling.zhou@saltmarsh.example", member, 28, Joins),
        person("Tomás Herrera", "tomas@herrera.example", member, 28, Joins),
        person("Ingrid Sørensen", "ingrid@sorensen.example", member, 27, Declines),
        person("Kwame Mensah", "kwame.mensah@inkandplate.example", member, 26, Joins),
        person("Priya Raghunathan", "priya@raghunathan.example", member, 26, Joins),
        person("Oleksandr Kovalenko", "oleksandr@kovalenko.example", member, 25, Waits),
        person("Fiona MacAllister", "fiona@macallister.example", member, 24, Revoked),
        person("Yuki Tanaka", "yuki@tanaka.example", member, 24, Joins),
        person("Rosalind Achterberg", "rosalind.achterberg@university-of-the-fens.example", member, 23, Waits),
        person("Mateusz Wiśniewski", "mateusz@wisniewski.example", member, 22, Joins),
        person("Amara Nwosu", "amara@nwosu.example", member, 21, Joins),
        person("Hugo Lindqvist", "hugo@lindqvist.example", member, 20, Failed),
        person("Leila Haddad", "leila@haddad.example", member, 20, Joins),
        person("Samuel Adeyemi", "samuel@adeyemi.example", member, 19, Declines),
        person("Beatriz Carvalho", "beatriz@carvalho.example", admin, 18, Joins),
        person("Niamh O’Sullivan", "niamh@osullivan.example", member, 17, Waits),
        person("Dmitri Volkov", "dmitri@volkov.example", member, 16, Revoked),
        person("Chiara Lombardi", "chiara@lombardi.example", member, 15, Joins),
        person(
            "Bartholomew Featherstonehaugh-Cholmondeley",
            "bartholomew.featherstonehaugh-cholmondeley@longest-name-in-the-county.example",
            member,
            14,
            Joins,
        ),
        person("Anneke de Vries", "anneke@devries.example", member, 13, Joins),
        person("Jamal Whitfield", "jamal@whitfield.example", member, 12, Waits),
        person("Sigrid Halvorsen", "sigrid@halvorsen.example", member, 11, Joins),
        person("Omar Benali", "omar@benali.example", member, 10, Joins),
        person("Charlotte Dubois", "charlotte@dubois.example", member, 9, Declines),
        person("Noor El-Sayed", "noor@elsayed.example", admin, 6, Resent),
        person("Ludmila Petrova", "ludmila@petrova.example", member, 6, Waits),
        person("Henrik Aaltonen", "henrik@aaltonen.example", member, 6, Joins),
        person("Zanele Dlamini", "zanele@dlamini.example", member, 5, Waits),
        person("Patrick Byrne", "patrick@byrne.example", member, 5, Joins),
        person("Sofia Papadopoulou", "sofia@papadopoulou.example", member, 4, Waits),
        person("Wei Chen", "wei@chen.example", member, 4, Revoked),
        person("Elif Yıldız", "elif@yildiz.example", member, 3, Waits),
        person("Gustavo Moreira", "gustavo@moreira.example", member, 3, Failed),
        person("Hannah Goldberg", "hannah@goldberg.example", member, 2, Joins),
        person("Ravi Subramanian", "ravi@subramanian.example", member, 2, Waits),
        person("Astrid Bergström", "astrid@bergstrom.example", admin, 1, Waits),
        person("Mohammed Al-Rashid", "mohammed@alrashid.example", member, 1, Waits),
        person("Clara Schumann-Weiß", "clara@schumann-weiss.example", member, 0, Waits),
        person("Luca Ferrari", "luca@ferrari.example", member, 0, Deferred),
    ]
}
