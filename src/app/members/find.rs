//! Filters and pages of the list of members.

use vestibule_domain::{Member, MemberId, RoleId};

/// The number of rows per page.
const PAGE: usize = 50;

/// The query of the list's URL. The default is the first page without a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Part of a name or email address, in upper or lower case.
    pub text: String,
    pub role_id: Option<RoleId>,
    /// The last member of the previous page.
    pub after: Option<MemberId>,
}

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberList {
    pub members: Vec<Member>,
    /// The position of the page's first member among those that match, starting at 1.
    pub first: usize,
    pub matching: usize,
    /// The number of all members of the organization.
    pub total: usize,
    /// `after` of the previous page and of the next one. The outer `Option` is `None` if there is no such page.
    pub earlier: Option<Option<MemberId>>,
    pub later: Option<Option<MemberId>>,
}

impl MemberFilter {
    /// Returns the requested page of all members, in their order.
    pub fn page(&self, all: Vec<Member>) -> MemberList {
        let total = all.len();
        let matching: Vec<Member> = all.into_iter().filter(|member| self.matches(member)).collect();
        let place = self.after.and_then(|after| matching.iter().position(|member| member.id == after));
        let start = place.map_or(0, |place| place + 1);
        let id_before = |index: usize| index.checked_sub(1).map(|index| matching[index].id);
        let end = (start + PAGE).min(matching.len());
        MemberList {
            first: start + 1,
            matching: matching.len(),
            total,
            earlier: (start > 0).then(|| id_before(start.saturating_sub(PAGE))),
            later: (end < matching.len()).then(|| id_before(end)),
            members: matching[start..end].to_vec(),
        }
    }

    fn matches(&self, member: &Member) -> bool {
        let wanted = self.text.trim().to_lowercase();
        let has_text = member.name.as_str().to_lowercase().contains(&wanted)
            || member.email.to_string().to_lowercase().contains(&wanted);
        has_text && self.role_id.is_none_or(|id| member.roles.iter().any(|role| role.id == id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};
    use vestibule_domain::{EmailAddress, Name, OrganizationId, UserId};

    fn members(count: usize) -> Vec<Member> {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 9, 44, 0).unwrap();
        let organization_id = OrganizationId::new(now);
        (0..count)
            .map(|number| Member {
                id: MemberId::new(now),
                organization_id,
                user_id: UserId::new(now),
                name: Name::parse("name", &format!("Person {number:03}")).unwrap(),
                email: EmailAddress::parse(&format!("p{number:03}@example.org")).unwrap(),
                roles: Vec::new(),
                resource_ids: Vec::new(),
                metadata: vestibule_domain::Metadata::default(),
                invitation_id: None,
                joined_at: now,
            })
            .collect()
    }

    #[test]
    fn pages_follow_each_other_without_a_gap_and_lead_back() {
        let all = members(120);
        let first = MemberFilter::default().page(all.clone());
        let second = MemberFilter { after: first.later.unwrap(), ..MemberFilter::default() }.page(all.clone());
        let third = MemberFilter { after: second.later.unwrap(), ..MemberFilter::default() }.page(all.clone());
        let seen: Vec<_> = [&first, &second, &third].into_iter().flat_map(|page| page.members.clone()).collect();
        assert_eq!(seen, all);
        assert_eq!((first.earlier, second.earlier, third.later), (None, Some(None), None));
        assert_eq!(third.earlier, Some(first.later.unwrap()));
        assert_eq!((second.first, third.members.len()), (51, 20));
    }

    #[test]
    fn text_is_found_in_names_and_addresses_in_any_case() {
        let find = |text: &str| MemberFilter { text: text.into(), ..MemberFilter::default() }.page(members(3)).matching;
        assert_eq!((find("PERSON 001"), find("p002@"), find(" "), find("nobody")), (1, 1, 3, 0));
    }
}
