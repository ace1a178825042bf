//! Those who wait for what happens: each is told of one organization or one person, and not of all others.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use vestibule_domain::{OrganizationId, UserId};

/// What a write has changed that somebody may wait for. It is told once it is committed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// The number of the last event of each organization in which something has happened.
    last_events: HashMap<OrganizationId, u64>,
    /// The people of whom a session has ended.
    signed_out: Vec<UserId>,
}

impl Changed {
    pub fn event(&mut self, organization_id: OrganizationId, number: u64) {
        self.last_events.insert(organization_id, number);
    }

    pub fn session_ended(&mut self, user_id: UserId) {
        self.signed_out.push(user_id);
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.last_events.is_empty() && self.signed_out.is_empty()
    }
}

/// Who listens, in this process.
#[derive(Default)]
pub(super) struct Signals {
    organizations: Listeners<OrganizationId>,
    users: Listeners<UserId>,
}

impl Signals {
    pub fn tell(&self, changed: Changed) {
        for (organization_id, number) in changed.last_events {
            self.last_event(organization_id, number);
        }
        for user_id in changed.signed_out {
            self.users.tell(user_id, |times| Some(times + 1));
        }
    }

    /// Tells those who listen to this organization, unless they know this event already.
    pub fn last_event(&self, organization_id: OrganizationId, number: u64) {
        self.organizations.tell(organization_id, |last| (number > last).then_some(number));
    }

    /// Returns a receiver with the number of the last event that was heard of since somebody listens, or 0.
    pub fn of_organization(&self, id: OrganizationId) -> watch::Receiver<u64> {
        self.organizations.listen(id)
    }

    /// Returns a receiver that changes when a session of this person ends.
    pub fn of_user(&self, id: UserId) -> watch::Receiver<u64> {
        self.users.listen(id)
    }

    /// Returns the organizations that somebody listens to.
    pub fn organizations(&self) -> Vec<OrganizationId> {
        self.organizations.listened()
    }
}

struct Listeners<K>(Mutex<HashMap<K, watch::Sender<u64>>>);

impl<K> Default for Listeners<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash> Listeners<K> {
    fn listen(&self, key: K) -> watch::Receiver<u64> {
        self.all().entry(key).or_default().subscribe()
    }

    /// Sets the value that `next` returns for the present one, if any. Forgets the key if nobody listens any more.
    fn tell(&self, key: K, next: impl FnOnce(u64) -> Option<u64>) {
        let mut all = self.all();
        let Some(sender) = all.get(&key) else { return };
        if sender.is_closed() {
            all.remove(&key);
        } else {
            sender.send_if_modified(|value| next(*value).map(|next| *value = next).is_some());
        }
    }

    fn listened(&self) -> Vec<K> {
        let mut all = self.all();
        all.retain(|_, sender| !sender.is_closed());
        all.keys().copied().collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<K, watch::Sender<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::Instant;

    #[test]
    fn each_is_told_of_what_they_listen_to() {
        let (acme, other) = (OrganizationId::new(Instant::default()), OrganizationId::new(Instant::default()));
        let (signals, user) = (Signals::default(), UserId::new(Instant::default()));
        let (mut of_acme, of_other) = (signals.of_organization(acme), signals.of_organization(other));
        let of_user = signals.of_user(user);
        let mut changed = Changed::default();
        changed.event(acme, 7);
        signals.tell(changed);
        assert!(of_acme.has_changed().unwrap() && *of_acme.borrow_and_update() == 7);
        assert!(!of_other.has_changed().unwrap() && !of_user.has_changed().unwrap());
        signals.last_event(acme, 7);
        assert!(!of_acme.has_changed().unwrap(), "that is known");
        let mut changed = Changed::default();
        changed.session_ended(user);
        signals.tell(changed);
        assert!(of_user.has_changed().unwrap() && !of_other.has_changed().unwrap());
    }

    #[test]
    fn nobody_who_has_left_is_kept() {
        let (signals, acme) = (Signals::default(), OrganizationId::new(Instant::default()));
        let of_acme = signals.of_organization(acme);
        assert_eq!(signals.organizations(), [acme]);
        drop(of_acme);
        signals.last_event(acme, 1);
        assert!(signals.organizations.all().is_empty());
        drop(signals.of_organization(acme));
        assert!(signals.organizations().is_empty());
    }
}
