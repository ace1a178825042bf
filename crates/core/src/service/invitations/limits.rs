//! The rate limits of inviting: each invitation counts for the organization and the inviter, and each email for the
//! mailbox, its domain and the organization.

use crate::service::rate_limits::Charge;
use crate::service::{Error, Result, Scope, subject};
use std::collections::{HashMap, HashSet};
use vestibule_domain::{EmailAddress, Exceeded, Instant, Invitation, RateLimit};
use vestibule_store::{Snapshot, Tx};

/// The emails of a request that may be sent, and those that may not.
#[derive(Default)]
pub(super) struct Emails {
    taken: Vec<EmailAddress>,
    refused: HashMap<String, Exceeded>,
}

impl Emails {
    /// Returns the limit that prevents an email to this address, if there is one.
    pub fn refused(&self, email: &EmailAddress) -> Option<Exceeded> {
        self.refused.get(email.as_str()).copied()
    }
}

impl subject::Invitations<'_> {
    /// Takes `count` invitations from the limits, or none and returns `RateLimited`.
    pub(super) async fn take_from_limits(self, tx: &mut Tx, scope: &Scope, count: usize, now: Instant) -> Result<()> {
        self.0.limits().take(tx, &invitations(scope, count), now).await
    }

    /// Returns `RateLimited` when [`Self::take_from_limits`] would, and takes nothing.
    pub(super) async fn check_limits(self, tx: &mut Snapshot, scope: &Scope, count: usize, now: Instant) -> Result<()> {
        self.0.limits().check(tx, &invitations(scope, count), now).await
    }

    /// Takes one email from the limits for each of these distinct addresses, and nothing for those that can't have one.
    pub(super) async fn take_emails(
        self,
        tx: &mut Tx,
        scope: &Scope,
        emails: Vec<EmailAddress>,
        now: Instant,
    ) -> Result<Emails> {
        let charges = merged(emails.iter().flat_map(|email| email_charges(scope, email)));
        let refused = self.0.limits().take_each(tx, &charges, now).await?;
        let mut found = Emails::default();
        for email in emails {
            let (missed, taken): (Vec<Charge>, Vec<Charge>) = email_charges(scope, &email)
                .into_iter()
                .partition(|charge| refused.iter().any(|refused| refused.is_of_same(charge)));
            self.0.limits().give_back(tx, if missed.is_empty() { &[] } else { &taken }).await?;
            // of several addresses of one mailbox the first may still pass
            let again = if missed.is_empty() { Ok(()) } else { self.take_or_nothing(tx, scope, &email, now).await? };
            match again {
                Ok(()) => found.taken.push(email),
                Err(exceeded) => _ = found.refused.insert(email.to_string(), exceeded),
            }
        }
        Ok(found)
    }

    async fn take_or_nothing(
        self,
        tx: &mut Tx,
        scope: &Scope,
        email: &EmailAddress,
        now: Instant,
    ) -> Result<std::result::Result<(), Exceeded>> {
        let charges = email_charges(scope, email);
        match self.0.limits().check(tx, &charges, now).await {
            Err(Error::RateLimited(exceeded)) => Ok(Err(exceeded)),
            checked => {
                checked?;
                self.0.limits().take(tx, &charges, now).await.map(Ok)
            }
        }
    }

    /// Gives back what was taken for those of `count` people who were not invited, and for their emails.
    pub(super) async fn give_back_unused(
        self,
        tx: &mut Tx,
        scope: &Scope,
        count: usize,
        emails: &Emails,
        invited: &HashSet<String>,
    ) -> Result<()> {
        if count > invited.len() {
            self.0.limits().give_back(tx, &invitations(scope, count - invited.len())).await?;
        }
        let unused = emails.taken.iter().filter(|email| !invited.contains(email.as_str()));
        self.0.limits().give_back(tx, &merged(unused.flat_map(|email| email_charges(scope, email)))).await
    }

    /// Returns the limit that prevents an email, for each of these addresses that can't have one now.
    pub(super) async fn refused_emails(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        emails: &[EmailAddress],
        now: Instant,
    ) -> Result<HashMap<String, Exceeded>> {
        let charges: Vec<(&EmailAddress, Charge)> =
            emails.iter().flat_map(|email| email_charges(scope, email).map(|charge| (email, charge))).collect();
        let all: Vec<&Charge> = charges.iter().map(|(_, charge)| charge).collect();
        let exceeded = self.0.limits().exceeded(tx, &all, now).await?;
        let of = |charge: &Charge| exceeded.iter().find(|(refused, _)| refused.is_of_same(charge)).map(|(_, e)| *e);
        Ok(match exceeded.is_empty() {
            true => HashMap::new(),
            false => charges.iter().filter_map(|(email, charge)| Some((email.to_string(), of(charge)?))).collect(),
        })
    }

    /// Returns `RateLimited` when no email can be sent to this address now.
    pub(super) async fn check_email(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        email: &EmailAddress,
        now: Instant,
    ) -> Result<()> {
        self.0.limits().check(tx, &email_charges(scope, email), now).await
    }
}

/// Returns the charges of one invitation, with its email if there is one.
pub(super) fn charges_of_one(scope: &Scope, email: Option<&EmailAddress>) -> Vec<Charge> {
    let mut charges = Vec::from(invitations(scope, 1));
    charges.extend(email.into_iter().flat_map(|email| email_charges(scope, email)));
    charges
}

/// Returns the charges of one resend of this invitation.
pub(super) fn charges_of_resend(scope: &Scope, invitation: &Invitation) -> Vec<Charge> {
    let mut charges = charges_of_one(scope, Some(&invitation.email));
    charges.push(Charge::one(RateLimit::Resends, invitation.id));
    charges
}

/// Returns the charges of an email to this address.
pub(in crate::service) fn email_charges(scope: &Scope, email: &EmailAddress) -> [Charge; 3] {
    let id = scope.organization().id;
    [
        Charge::one(RateLimit::EmailsToDomain, format!("{id} {}", email.domain())),
        Charge::one(RateLimit::EmailsFromOrganization, format!("{id} {email}")),
        Charge::email_to(email),
    ]
}

fn invitations(scope: &Scope, count: usize) -> [Charge; 2] {
    let id = scope.organization().id;
    [
        Charge::of(RateLimit::Invitations, id, count),
        Charge::of(RateLimit::InvitationsOfInviter, format!("{id} {}", scope.actor().key()), count),
    ]
}

/// Sums up the charges of each limit and subject, because one statement takes from each row only once.
pub(super) fn merged(charges: impl Iterator<Item = Charge>) -> Vec<Charge> {
    let mut merged: HashMap<(RateLimit, String), Charge> = HashMap::new();
    for charge in charges {
        merged.entry(charge.subject()).and_modify(|sum| sum.add(&charge)).or_insert(charge);
    }
    merged.into_values().collect()
}
