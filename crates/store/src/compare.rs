//! The comparison of a whole database with what its events say, and with what must hold in it.

use super::{CheckOptions, Error, Store, replay::Compared};
use std::collections::HashMap;
use uuid::Uuid;
use vestibule_domain::{OrganizationId, replay::RoleNames};

/// The receiver of what is found, as it is found.
pub trait Findings {
    /// Reports a fault as a half sentence. `slug` is that of the organization, if the fault belongs to one.
    fn fault(&mut self, slug: Option<&str>, what: String);
    /// Reports how many of these were compared so far.
    fn seen(&mut self, count: u64, noun: &'static str);
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub events: u64,
    pub organizations: u64,
}

impl Store {
    /// Compares every event with its hash and every row with its events, and checks the conditions that must hold in a
    /// database. Others may write meanwhile.
    pub async fn compare(&self, options: CheckOptions, findings: &mut impl Findings) -> Result<Totals, Error> {
        let slugs: HashMap<OrganizationId, String> = self.all_organizations().await?.into_iter().collect();
        let mut comparison = Comparison { store: self, slugs, roles: HashMap::new(), findings };
        comparison.of_database(options).await?;
        let events = comparison.of_events().await?;
        comparison.of_rows().await?;
        Ok(Totals { events, organizations: comparison.slugs.len() as u64 })
    }
}

struct Comparison<'a, F> {
    store: &'a Store,
    slugs: HashMap<OrganizationId, String>,
    /// The roles of the organizations whose events can be trusted. Rows of others are not compared with their events.
    roles: HashMap<OrganizationId, RoleNames>,
    findings: &'a mut F,
}

impl<F: Findings> Comparison<'_, F> {
    async fn of_database(&mut self, options: CheckOptions) -> Result<(), Error> {
        for fault in self.store.faults(options).await? {
            self.fault(fault.organization_id, fault.what);
        }
        Ok(())
    }

    async fn of_events(&mut self) -> Result<u64, Error> {
        let mut organizations: Vec<OrganizationId> = self.slugs.keys().copied().collect();
        organizations.sort_unstable();
        let mut events = 0;
        for id in organizations {
            let verdict = self.store.verify_chain(id, |seen| self.findings.seen(events + seen, "event")).await?;
            events += verdict.count;
            match verdict.flaw {
                Some(flaw) => self.fault(Some(id), flaw.to_string()),
                None => {
                    let (names, faults) = self.store.compare_things(id).await?;
                    faults.into_iter().for_each(|fault| self.fault(Some(id), fault));
                    self.roles.insert(id, names);
                }
            }
        }
        Ok(events)
    }

    async fn of_rows(&mut self) -> Result<(), Error> {
        let (mut rows, mut after) = (0, Some(Uuid::nil()));
        while let Some(id) = after {
            let page = self.store.compare_invitations(id, &self.roles).await?;
            after = self.page(page, &mut rows);
        }
        after = Some(Uuid::nil());
        while let Some(id) = after {
            let page = self.store.compare_members(id, &self.roles).await?;
            after = self.page(page, &mut rows);
        }
        Ok(())
    }

    fn page(&mut self, page: Compared, rows: &mut u64) -> Option<Uuid> {
        page.faults.into_iter().for_each(|(of, what)| self.fault(Some(of), what));
        *rows += page.rows;
        self.findings.seen(*rows, "row");
        page.next
    }

    fn fault(&mut self, of: Option<OrganizationId>, what: String) {
        let slug = of.map(|id| self.slugs.get(&id).cloned().unwrap_or_else(|| id.to_string()));
        self.findings.fault(slug.as_deref(), what);
    }
}
