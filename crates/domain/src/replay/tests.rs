//! Tests with a row that agrees with its events, and with each way in which it can differ.

use super::*;
use crate::{Change, DependentChanges};
use uuid::Uuid;

fn event(number: u64, fact: Fact) -> ReplayedEvent {
    ReplayedEvent {
        organization_id: Uuid::from_u128(1).into(),
        number,
        invitation_id: Some(Uuid::from_u128(2).into()),
        member_id: Some(Uuid::from_u128(3).into()),
        fact,
    }
}

fn role(id: u128, key: &str, name: &str) -> Role {
    let permissions = Role::built_in().into_iter().find(|(built_in, ..)| *built_in == key).map(|(.., all)| all);
    Role {
        id: Uuid::from_u128(id).into(),
        organization_id: Uuid::from_u128(1).into(),
        key: key.into(),
        name: name.into(),
        permissions: permissions.unwrap_or_default(),
    }
}

fn things() -> OrganizationThings {
    let roles = vec![role(10, "owner", "Owner"), role(11, "admin", "Admin"), role(12, "member", "Member")];
    OrganizationThings { roles, ..OrganizationThings::default() }
}

fn roles() -> RoleNames {
    let (names, faults) = RoleNames::compared(&things(), &[]);
    assert_eq!(faults, Vec::<String>::new());
    names
}

fn created() -> ReplayedEvent {
    event(1, Fact::InvitationCreated { email: "a@example.com".into(), roles: vec!["Member".into()] })
}

fn row(status: &str) -> StoredInvitation {
    StoredInvitation {
        id: Uuid::from_u128(2).into(),
        organization_id: Uuid::from_u128(1).into(),
        email: "a@example.com".into(),
        email_typed: "A@example.com".into(),
        role_ids: vec![Uuid::from_u128(12).into()],
        generation: 1,
        last_generation: None,
        status: status.into(),
        member_id: None,
    }
}

#[test]
fn an_invitation_is_what_its_last_event_says() {
    let revoked = [created(), event(2, Fact::InvitationRevoked {})];
    assert_eq!(of_invitation(Some(&row("revoked")), &revoked, &roles()), Vec::<String>::new());
    assert_eq!(of_invitation(Some(&row("pending")), &revoked, &roles()), ["is pending, and its events say revoked"]);
    let revived = [
        created(),
        event(2, Fact::InvitationExpired {}),
        event(3, Fact::InvitationResent { generation: 2, changes: vec![] }),
    ];
    assert_eq!(
        of_invitation(Some(&StoredInvitation { generation: 2, ..row("pending") }), &revived, &roles()),
        Vec::<String>::new()
    );
    assert_eq!(of_invitation(Some(&row("pending")), &revived, &roles()), ["has link 1, and its events say 2"]);
    assert_eq!(of_invitation(None, &revived, &roles()), ["is gone, and its events say that it is pending"]);
    assert_eq!(of_invitation(Some(&row("pending")), &[], &roles()), ["is there, and no event says that it was made"]);
}

#[test]
fn addresses_and_roles_are_those_of_the_events() {
    let mallory = StoredInvitation { email: "m@example.com".into(), ..row("pending") };
    assert_eq!(
        of_invitation(Some(&mallory), &[created()], &roles()),
        ["is for m@example.com, and its events say a@example.com"]
    );
    let mallory = StoredInvitation { email_typed: "m@example.com".into(), ..row("pending") };
    assert_eq!(
        of_invitation(Some(&mallory), &[created()], &roles()),
        ["is mailed to m@example.com, and its events say a@example.com"]
    );
    let owner = StoredInvitation { role_ids: vec![Uuid::from_u128(10).into()], ..row("pending") };
    assert_eq!(of_invitation(Some(&owner), &[created()], &roles()), ["offers Owner, and its events say Member"]);
}

#[test]
fn a_role_is_known_by_the_name_it_had() {
    let editor = |name: &str| role(13, "editor", name);
    let facts = [
        (2, Fact::RoleCreated { key: "editor".into(), name: "Editor".into(), permissions: vec![] }),
        (
            4,
            Fact::RoleEdited {
                key: "editor".into(),
                name: "Author".into(),
                changes: vec![Change { field: "name".into(), from: "Editor".into(), to: "Author".into() }],
                settled: DependentChanges::default(),
            },
        ),
    ];
    let mut all = things();
    all.roles.push(editor("Author"));
    let (names, faults) = RoleNames::compared(&all, &facts);
    assert_eq!(faults, Vec::<String>::new());
    let id = [RoleId::from(Uuid::from_u128(13))];
    assert_eq!(names.difference(3, &["Editor".to_owned()], &id), None);
    assert_eq!(names.difference(5, &["Author".to_owned()], &id), None);
    assert_eq!(names.difference(5, &["Member".to_owned()], &id).as_deref(), Some("Author, and its events say Member"));
    all.roles[2].permissions = Permission::ALL.to_vec();
    all.roles.pop();
    let (_, faults) = RoleNames::compared(&all, &facts);
    assert!(
        faults[0].starts_with("role member allows ")
            && faults[1] == "role editor is gone, and no event says that it was deleted",
        "{faults:?}"
    );
}

#[test]
fn a_member_is_one_from_joining_to_leaving() {
    let joined = event(2, Fact::MemberAdded { name: "Ann".into(), roles: vec!["Member".into()] });
    let left = event(3, Fact::MemberLeft { name: "Ann".into(), settled: DependentChanges::default() });
    let row = StoredMember {
        id: Uuid::from_u128(3).into(),
        organization_id: Uuid::from_u128(1).into(),
        role_ids: vec![Uuid::from_u128(12).into()],
        invitation_id: Some(Uuid::from_u128(2).into()),
        email: "a@example.com".into(),
        email_typed: "a@example.com".into(),
        invited: Some("a@example.com".into()),
    };
    assert_eq!(of_member(Some(&row), std::slice::from_ref(&joined), &roles()), Vec::<String>::new());
    assert_eq!(of_member(None, &[joined.clone(), left.clone()], &roles()), Vec::<String>::new());
    assert_eq!(of_member(None, std::slice::from_ref(&joined), &roles()), ["is gone, and no event says that they left"]);
    assert_eq!(
        of_member(Some(&row), &[joined.clone(), left], &roles()),
        ["is there, and its events say that they left"]
    );
    let raised = StoredMember { role_ids: vec![Uuid::from_u128(10).into()], ..row.clone() };
    assert_eq!(
        of_member(Some(&raised), std::slice::from_ref(&joined), &roles()),
        ["holds Owner, and its events say Member"]
    );
    let moved = StoredMember { email: "m@example.com".into(), ..row };
    assert_eq!(
        of_member(Some(&moved), &[joined], &roles()),
        ["has an account at m@example.com, and was invited at a@example.com"]
    );
}

#[test]
fn keys_webhooks_and_resources_are_those_that_were_made() {
    let id = |n: u128| Uuid::from_u128(n);
    let key = |n| Fact::ApiKeyCreated {
        id: id(n).into(),
        name: "k".into(),
        surface: crate::Surface::Native,
        permissions: vec![],
    };
    let facts = [
        (1, key(20)),
        (2, Fact::ApiKeyRevoked { id: id(20).into(), name: "k".into(), settled: DependentChanges::default() }),
        (3, Fact::ResourceCreated { id: id(30).into(), name: "r".into() }),
    ];
    let mut rows = things();
    rows.api_keys.insert(id(20).into(), true);
    rows.endpoints.insert(id(40).into());
    let (_, faults) = RoleNames::compared(&rows, &facts);
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults[0].ends_with("works, and its events say that it was revoked"), "{faults:?}");
    assert!(faults[1].ends_with("is there, and no event says that it was made"), "{faults:?}");
    assert!(faults[2].ends_with("is gone, and no event says that it was deleted"), "{faults:?}");
}

fn undone(number: u64, change: UndoneChange, status: Status, generation: u32) -> ReplayedEvent {
    event(number, Fact::InvitationChangeUndone { change, status, generation, changes: vec![] })
}

#[test]
fn what_was_undone_is_as_it_was() {
    let revoked =
        [created(), event(2, Fact::InvitationRevoked {}), undone(3, UndoneChange::Revoked, Status::Pending, 1)];
    assert_eq!(of_invitation(Some(&row("pending")), &revoked, &roles()), Vec::<String>::new());
    assert_eq!(of_invitation(Some(&row("revoked")), &revoked, &roles()), ["is revoked, and its events say pending"]);
    let resent = [
        created(),
        event(2, Fact::InvitationExpired {}),
        event(3, Fact::InvitationResent { generation: 2, changes: vec![] }),
        undone(4, UndoneChange::Resent, Status::Expired, 1),
    ];
    let back = StoredInvitation { last_generation: Some(2), ..row("expired") };
    assert_eq!(of_invitation(Some(&back), &resent, &roles()), Vec::<String>::new());
    assert_eq!(
        of_invitation(Some(&row("expired")), &resent, &roles()),
        ["has had links up to 1, and its events say 2"],
        "somebody has made room for an old link"
    );
    let kept = StoredInvitation { generation: 2, ..row("expired") };
    assert_eq!(of_invitation(Some(&kept), &resent, &roles()), ["has link 2, and its events say 1"]);
}

#[test]
fn the_roles_before_an_edit_are_known_again_after_its_undo() {
    let change = Change { field: "roles".into(), from: "Member".into(), to: "Owner".into() };
    let edited = [
        created(),
        event(2, Fact::InvitationEdited { changes: vec![change] }),
        undone(3, UndoneChange::Edited, Status::Pending, 1),
    ];
    assert_eq!(of_invitation(Some(&row("pending")), &edited, &roles()), Vec::<String>::new());
    let owner = StoredInvitation { role_ids: vec![Uuid::from_u128(10).into()], ..row("pending") };
    assert_eq!(of_invitation(Some(&owner), &edited, &roles()), ["offers Owner, and its events say Member"]);
}
