//! Signing in and out, sessions, and resetting and changing passwords.

use super::{Error, NotFound, Result, SessionToken, rate_limits::Charge, secret::digest, subject};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use std::{cmp::Reverse, net::IpAddr};
use vestibule_domain::{
    EmailAddress, Instant, Letter, Mail, MailId, MailState, RateLimit, User, UserId, Violation, client, password,
    token::SigningKeys,
};
use vestibule_store::{SessionRow, Tx};

/// The number of hours without a request after which a session ends.
const IDLE_HOURS: i64 = 8;
/// The number of days after which a session ends in any case.
const LIFETIME_DAYS: i64 = 7;
/// The shortest time between two notes that a session was used, in seconds, so that each read does not become a write.
const TOUCH_SECONDS: i64 = 60;
/// The number of minutes that a link to choose a new password works.
const RESET_MINUTES: i64 = 60;
/// The most sessions of a user that are listed.
const MOST_LISTED: u32 = 100;

/// One of a user's sessions, as they see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    pub name: String,
    pub began_at: Instant,
    /// When it was last used, to a minute.
    pub seen_at: Instant,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

impl subject::Sessions<'_> {
    /// Signs a user in. A wrong password, an unknown email address and a malformed one get the same answer in the same
    /// time.
    pub async fn sign_in(self, email: &str, password: &str, client: IpAddr) -> Result<SessionToken> {
        let email = EmailAddress::parse(email).ok();
        let known = match &email {
            Some(email) => self.read(async |tx| tx.users().by_email(email.as_str()).await.map_err(Error::from)).await?,
            None => None,
        };
        let account = email.map_or_else(String::new, |email| email.to_string());
        let checked = self.check_password(&account, known.as_ref(), password, client).await;
        let user = known.as_ref().map(|(user, _)| user);
        let (user_id, limits) =
            checked.inspect_err(|error| self.0.sign_in_failures().note_failed(user, client, error))?;
        self.begin(user_id, &limits).await
    }

    /// Checks the password. Returns the user and the charges that were taken from the limits, to be given back.
    async fn check_password(
        self,
        account: &str,
        known: Option<&(User, String)>,
        password: &str,
        client: IpAddr,
    ) -> Result<(UserId, [Charge; 2])> {
        let now = self.now();
        let limits = sign_in_limits(account, client);
        self.write(async |tx| self.0.limits().take(tx, &limits, now).await).await?;
        match (self.0.passwords.verify(password, known.map(|(_, hash)| hash.as_str())).await, known) {
            (Ok(true), Some((user, _))) => Ok((user.id, limits)),
            (Ok(_), _) => Err(Error::Unauthenticated),
            // no password was checked, so the attempt does not count
            (Err(error), _) => {
                self.write(async |tx| self.0.limits().give_back(tx, &limits).await).await?;
                Err(error)
            }
        }
    }

    /// Returns the user of a session that has not ended, and notes that the session was used.
    pub async fn get(self, token: &str) -> Result<Option<User>> {
        let (now, id) = (self.now(), digest(token));
        let Some((session, user)) = self.standing(&id, now).await? else { return Ok(None) };
        if now - session.seen_at >= Duration::seconds(TOUCH_SECONDS) {
            self.0.write_if_it_can(async |tx| Ok(tx.sessions_mut().touch(&id, now).await?)).await?;
        }
        Ok(Some(user))
    }

    /// Returns the user of a session without noting its use, for requests that a page makes while nobody is using it.
    pub async fn peek(self, token: &str) -> Result<Option<User>> {
        let standing = self.standing(&digest(token), self.now()).await?;
        Ok(standing.map(|(_, user)| user))
    }

    async fn standing(self, id: &[u8], now: Instant) -> Result<Option<(SessionRow, User)>> {
        let found = self
            .read(async |tx| {
                let Some(session) = tx.sessions().get(id).await? else { return Ok(None) };
                Ok(tx.users().get(session.user_id).await?.map(|(user, _)| (session, user)))
            })
            .await?;
        Ok(found.filter(|(session, _)| !is_over(session, now)))
    }

    /// Ends the session on the server, so that the cookie is worthless from now on.
    pub async fn sign_out(self, token: &str) -> Result<()> {
        let id = digest(token);
        self.write(async |tx| tx.sessions_mut().remove(&id).await.map_err(Error::from)).await
    }

    /// Returns the user's sessions, the one with this token first, then those that were used last.
    pub async fn of_user(self, user: &User, token: &str) -> Result<Vec<OwnSession>> {
        let (now, this) = (self.now(), digest(token));
        let rows = self.0.read_one(async |tx| Ok(tx.sessions().of_user(user.id, MOST_LISTED).await?)).await?;
        let standing = rows.into_iter().filter(|row| !is_past(row.seen_at, row.expires_at, now));
        let mut sessions: Vec<OwnSession> = standing
            .map(|row| OwnSession {
                name: name_of(&row.id_hash),
                began_at: row.created_at,
                seen_at: row.seen_at,
                is_this: row.id_hash == this,
            })
            .collect();
        sessions.sort_by_key(|session| (!session.is_this, Reverse(session.seen_at)));
        Ok(sessions)
    }

    /// Ends the user's session with this name. Returns `false` if there is none.
    pub async fn end(self, user: &User, name: &str) -> Result<bool> {
        self.write(async |tx| {
            let rows = tx.sessions().of_user(user.id, MOST_LISTED).await?;
            let Some(row) = rows.into_iter().find(|row| name_of(&row.id_hash) == name) else { return Ok(false) };
            tx.sessions_mut().remove(&row.id_hash).await?;
            Ok(true)
        })
        .await
    }

    /// Ends all of the user's sessions but the one with this token. Returns how many.
    pub async fn end_others(self, user: &User, token: &str) -> Result<u64> {
        let this = digest(token);
        self.write(async |tx| Ok(tx.sessions_mut().remove_others_of(user.id, &this).await?)).await
    }

    /// Mails a link to choose a new password, if the email address belongs to a user. Neither the answer nor its time
    /// reveals whether it does.
    pub async fn forgot_password(self, email: &str, client: IpAddr) -> Result<()> {
        let now = self.now();
        let by_client = [Charge::of_client(RateLimit::EmailsAskedByClient, client)];
        let Ok(email) = EmailAddress::parse(email) else {
            return self.write(async |tx| self.0.limits().take(tx, &by_client, now).await).await;
        };
        let by_account = [Charge::one(RateLimit::PasswordEmails, &email)];
        self.write(async |tx| {
            self.0.limits().take(tx, &by_client, now).await?;
            if !self.0.limits().take_each(tx, &by_account, now).await?.is_empty() {
                tracing::info!(
                    client = client::class(client),
                    "a password reset was requested too often, so no email was sent"
                );
                return Ok(());
            }
            let known = tx.users().by_email(email.as_str()).await?.map(|(user, _)| user);
            let user_id = known.as_ref().map_or_else(|| UserId::new(now), |user| user.id);
            let recipient = known.as_ref().map_or(&email, |user| &user.email);
            let mail = account_mail(recipient, Letter::PasswordReset { user_id }, now);
            tx.mails_mut().add(&mail).await?;
            if known.is_none() {
                // written and removed again: without the write, the faster answer would reveal that there is no account
                tx.mails_mut().remove(mail.id).await?;
            }
            Ok(())
        })
        .await
    }

    /// Returns the email address of the user whose link this is. Returns `NotFound::Link` if it no longer works.
    pub async fn password_link(self, token: &str) -> Result<EmailAddress> {
        let (user, _) = self.user_of_reset(token).await?;
        Ok(user.email)
    }

    /// Sets the password, ends all of the user's sessions and starts a new one. The mailbox does not count as proved by
    /// that, because an operator can create such a link as well.
    pub async fn choose_password(self, token: &str, password: &str) -> Result<SessionToken> {
        let (user, old) = self.user_of_reset(token).await?;
        self.replace_password(&user, &old, password).await
    }

    /// Changes the password, which needs the current one. Ends all sessions and returns a new one.
    pub async fn change_password(self, user: &User, current: &str, new: &str, client: IpAddr) -> Result<SessionToken> {
        let known = self.user_with_hash(user.id).await?.ok_or(Error::Unauthenticated)?;
        let checked = self.check_password(user.email.as_str(), Some(&known), current, client).await;
        let (_, limits) =
            checked.inspect_err(|error| self.0.sign_in_failures().note_failed(Some(user), client, error))?;
        self.write(async |tx| self.0.limits().give_back(tx, &limits).await).await?;
        self.replace_password(user, &known.1, new).await
    }

    /// Returns a link to choose a new password and its expiry, for the operator to pass on. Returns `None` when nobody
    /// has this email address.
    pub async fn password_link_for(self, email: &str) -> Result<Option<(String, Instant)>> {
        let now = self.now();
        let email = EmailAddress::parse(email)
            .map_err(|refused| Violation::new("email", refused.code(), refused.to_string()))?;
        let known = self.read(async |tx| Ok(tx.users().by_email(email.as_str()).await?)).await?;
        Ok(known.map(|(user, hash)| self.password_url(user.id, &hash, now)))
    }

    /// Returns the link for a reset mail, and its expiry.
    pub(crate) fn password_url(self, user_id: UserId, hash: &str, now: Instant) -> (String, Instant) {
        let until = now + Duration::minutes(RESET_MINUTES);
        let token = self.0.signing_keys.reset_token(user_id, until, hash);
        (self.0.settings().url(&format!("/choose-password?token={}", token.as_str())), until)
    }

    /// Deletes ended sessions, at most `limit`, and returns how many.
    pub(crate) async fn prune(self, now: Instant, limit: u32) -> Result<u64> {
        let idle = now - Duration::hours(IDLE_HOURS);
        self.write(async |tx| tx.sessions_mut().prune(now, idle, limit).await.map_err(Error::from)).await
    }

    async fn user_of_reset(self, token: &str) -> Result<(User, String)> {
        let now = self.now();
        let (user_id, until) = SigningKeys::reset_claims(token).ok_or(NotFound::Link)?;
        // a restore ends every way in: the old password may be back, and with it the links made for it
        let restored = self.read(async |tx| tx.holds().last_restore().await.map_err(Error::from)).await?;
        if restored.is_some_and(|at| until <= (at + Duration::minutes(RESET_MINUTES)).timestamp()) {
            return Err(NotFound::Link.into());
        }
        let (user, hash) = self.user_with_hash(user_id).await?.ok_or(NotFound::Link)?;
        self.0.signing_keys.verify_reset(token, now, &hash).ok_or(NotFound::Link)?;
        Ok((user, hash))
    }

    async fn user_with_hash(self, id: UserId) -> Result<Option<(User, String)>> {
        self.read(async |tx| tx.users().get(id).await.map_err(Error::from)).await
    }

    async fn replace_password(self, user: &User, old: &str, new: &str) -> Result<SessionToken> {
        let now = self.now();
        self.check_new_password(user, new).await?;
        let hash = self.0.passwords.hash(new).await?;
        let session = SessionToken::new();
        self.write(async |tx| {
            if !tx.users_mut().change_password(user.id, old, &hash).await? {
                return Err(NotFound::Link.into());
            }
            tx.sessions_mut().remove_of(user.id).await?;
            tx.mails_mut().add(&account_mail(&user.email, Letter::PasswordChanged { user_id: user.id }, now)).await?;
            add_session(tx, &session, user.id, now).await
        })
        .await?;
        Ok(session)
    }

    /// Checks the new password. It must not contain the names of the user's organizations, which are among the first
    /// things that an attacker tries.
    async fn check_new_password(self, user: &User, new: &str) -> Result<()> {
        let organizations = self.read(async |tx| Ok(tx.organizations().of_user(user.id).await?)).await?;
        let names = organizations.iter().map(|organization| organization.name.as_str());
        let context: Vec<&str> = [user.name.as_str(), user.email.as_str()].into_iter().chain(names).collect();
        Ok(password::check("password", new, &context)?)
    }

    async fn begin(self, user_id: UserId, limits: &[Charge]) -> Result<SessionToken> {
        let (now, session) = (self.now(), SessionToken::new());
        self.write(async |tx| {
            self.0.limits().give_back(tx, limits).await?;
            add_session(tx, &session, user_id, now).await
        })
        .await?;
        Ok(session)
    }

    /// Returns what a link leads to. Counts this client's links that lead nowhere, and returns `RateLimited` when there
    /// were too many. A link that works is never refused, whatever came from the same client before.
    pub fn count_unknown_link<T>(self, found: Result<T>, client: IpAddr) -> Result<T> {
        if matches!(found, Err(Error::NotFound(NotFound::Link))) {
            self.0.limits().take_unknown_link(client, self.now())?;
        }
        found
    }
}

/// Adds a session of the user, which lasts for at most a week.
pub(super) async fn add_session(tx: &mut Tx, session: &SessionToken, user_id: UserId, now: Instant) -> Result<()> {
    let expires_at = now + Duration::days(LIFETIME_DAYS);
    Ok(tx.sessions_mut().add(&digest(session.as_str()), user_id, now, expires_at).await?)
}

/// Returns the charges of one attempt: of the account from this client, and of the client.
fn sign_in_limits(account: &str, client: IpAddr) -> [Charge; 2] {
    let subject = format!("{account} {}", client::network(client));
    [Charge::one(RateLimit::SignIns, subject), Charge::of_client(RateLimit::SignInsOfClient, client)]
}

fn is_over(session: &SessionRow, now: Instant) -> bool {
    is_past(session.seen_at, session.expires_at, now)
}

fn is_past(seen_at: Instant, expires_at: Instant, now: Instant) -> bool {
    now >= expires_at || now - seen_at > Duration::hours(IDLE_HOURS)
}

/// Returns the public name of a session, from which its token can't be derived.
fn name_of(id_hash: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&id_hash[..id_hash.len().min(9)])
}

fn account_mail(recipient: &EmailAddress, letter: Letter, now: Instant) -> Mail {
    Mail {
        id: MailId::new(now),
        organization_id: None,
        letter,
        recipient: recipient.typed().to_owned(),
        state: MailState::Queued,
        attempts: 0,
        due_at: now,
        leased_until: None,
        response: None,
        created_at: now,
        sent_at: None,
    }
}
