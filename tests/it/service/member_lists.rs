//! Lists of members: what is found, in which order, and that pages follow each other without a gap.

use crate::harness::{Acme, TestApp};
use rand::seq::IndexedRandom as _;
use vestibule_core::service::{MemberEdit, NewInvitation};
use vestibule_domain::token::{Channel, LinkClaims};
use vestibule_domain::{
    EmailAddress, InvitationId, Member, MemberId, MemberQuery, MemberSort, Permission, ResourceId, Role, RoleId,
    RolesHeld, SearchWord, search::folded,
};

/// Names and addresses that are hard to find, to fold or to sort.
const PEOPLE: [(&str, &str); 18] = [
    ("Édith Piaf", "edith@people.example"),
    ("édith zola", "Zola@people.example"),
    ("ODYSSEUS Σίσυφος", "odysseus@islands.example"),
    ("ΟΔΥΣΣΕΥΣ", "greek@islands.example"),
    ("İpek Yılmaz", "ipek@people.example"),
    ("STRASSE Weiß", "weiss@people.example"),
    ("Ægir", "aegir@people.example"),
    ("O'Brien %_\\", "o'brien@people.example"),
    ("Grace Hopper", "grace.hopper@navy.example"),
    ("grace o'malley", "grace_omalley@navy.example"),
    ("Grace", "Grace+1@navy.example"),
    ("grace", "grace+2@xn--bcher-kva.example"),
    ("李 小龙", "bruce@people.example"),
    ("Zoe Åberg", "zoe@people.example"),
    ("Zoe aberg", "zoe2@people.example"),
    ("Zoe Aberg", "zoe3@people.example"),
    ("Person One", "one@people.example"),
    ("Person Two", "two@people.example"),
];

/// An organization whose people hold roles of all kinds, alone and together, and are limited to this and that.
async fn crowd(app: &TestApp) -> (Acme, Vec<Role>, Vec<ResourceId>) {
    let acme = app.organization("Acme").await;
    let resources = vec![app.resource(&acme, "Garden").await, app.resource(&acme, "Shed").await];
    let (some, rest) = Permission::ALL.split_at(4);
    app.vestibule.roles().create(&acme.scope, "some", "Some", &some[1..]).await.unwrap();
    app.vestibule.roles().create(&acme.scope, "rest", "Rest", rest).await.unwrap();
    app.vestibule.roles().create(&acme.scope, "read", "Read", &Role::member_permissions()).await.unwrap();
    let roles = app.vestibule.roles().all(&acme.scope).await.unwrap();
    for (number, (name, email)) in PEOPLE.into_iter().enumerate() {
        let bits = (number * 7 + 3) % (1 << roles.len());
        let chosen = roles.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, role)| role.id);
        let new = NewInvitation { email: email.into(), role_ids: chosen.collect(), ..NewInvitation::default() };
        let id = app.vestibule.invitations().invite_one(&acme.scope, &new).await.unwrap().id;
        join(app, id, name).await;
    }
    for (number, member) in app.vestibule.members().all(&acme.scope).await.unwrap().iter().enumerate() {
        let ids: Vec<ResourceId> = match number % 4 {
            1 => vec![resources[0]],
            2 => vec![resources[1], resources[0]],
            _ => Vec::new(),
        };
        let edit = MemberEdit { resource_ids: Some(ids), ..MemberEdit::default() };
        if !member.is_owner() {
            app.vestibule.members().edit(&acme.scope, member.id, &edit).await.unwrap();
        }
    }
    (acme, roles, resources)
}

async fn join(app: &TestApp, invitation_id: InvitationId, name: &str) {
    let token = app.signing_keys.token(LinkClaims { invitation_id, generation: 1, channel: Channel::Mail });
    let acceptance_session = app.vestibule.acceptance().open(token.as_str()).await.unwrap();
    app.vestibule
        .acceptance()
        .accept_as_new(acceptance_session.as_str(), name, crate::harness::PASSWORD)
        .await
        .unwrap();
}

/// What the query means, said of one who is in memory.
fn matches(query: &MemberQuery, member: &Member) -> bool {
    let (stored, words) = (folded(&format!("{} {}", member.email, member.name)), SearchWord::all(&query.text));
    let has_all = !words.is_empty() && words.iter().all(|word| stored.contains(&word.part()));
    let has_text = query.text.trim().is_empty() || has_all;
    let holds = |ids: &Vec<RoleId>| member.roles.iter().any(|role| ids.contains(&role.id));
    let meets = |held: &RolesHeld| held.one_of_each.iter().all(holds) && !holds(&held.none_of);
    has_text
        && query.addresses.as_ref().is_none_or(|all| {
            all.iter().any(|one| [member.email.as_str(), member.email.typed()].contains(&one.as_str()))
        })
        && query.domain.as_ref().is_none_or(|domain| member.email.domain().eq_ignore_ascii_case(domain))
        && query.roles.as_ref().is_none_or(|any| any.iter().any(meets))
        && query.resource_ids.as_ref().is_none_or(|ids| member.resource_ids.iter().any(|id| ids.contains(id)))
}

fn in_order(query: &MemberQuery, mut members: Vec<Member>) -> Vec<MemberId> {
    // the last one first: sorting keeps what was in order
    for (sort, descends) in query.sort.iter().rev() {
        let key = |member: &Member| match sort {
            MemberSort::Email => member.email.to_string(),
            MemberSort::LastName => member.name.rest().unwrap_or_default().to_owned(),
        };
        members.sort_by(|one, other| {
            let order = key(one).cmp(&key(other));
            if *descends { order.reverse() } else { order }
        });
    }
    members.into_iter().map(|member| member.id).collect()
}

/// One of very many queries.
fn any_query(roles: &[Role], resources: &[ResourceId]) -> MemberQuery {
    let mut random = rand::rng();
    let texts = [
        "",
        "",
        " ",
        "grace",
        "GRACE",
        "ÉDITH",
        "é",
        "σίσυφος",
        "ΟΔΥΣΣΕΥΣ",
        "i̇pek",
        "weiß",
        "WEISS",
        "%",
        "_",
        "\\",
        "'",
        "æ",
        "李",
        "e@p",
        "a\nb",
        "zoe å",
        "nobody",
    ];
    let domains = [
        "people.example",
        "NAVY.example",
        "example",
        "bücher.example",
        "xn--bcher-kva.example",
        "_eople.example",
        "",
        "a@people.example",
    ];
    let addresses = ["zola@people.example", "Zola@people.example", "ZOLA@people.example", "zoe@people.example", ""];
    let ids: Vec<RoleId> = roles.iter().map(|role| role.id).collect();
    let some = |most: usize| -> Vec<RoleId> {
        (0..rand::random_range(0..=most)).filter_map(|_| ids.choose(&mut rand::rng()).copied()).collect()
    };
    let held = match rand::random_range(0..7) {
        0 => Some(vec![RolesHeld::one_of(some(1))]),
        1 => Some(vec![RolesHeld::one_of(some(3))]),
        2 => Some(vec![RolesHeld::administer(roles)]),
        3 => {
            Some(vec![RolesHeld { one_of_each: vec![some(2), some(2)], none_of: some(1) }, RolesHeld::one_of(some(1))])
        }
        4 => Some(vec![RolesHeld { one_of_each: vec![], none_of: some(2) }]),
        _ => None,
    };
    let resource_ids = match rand::random_range(0..5) {
        0 => Some(resources[..rand::random_range(0..=resources.len())].to_vec()),
        _ => None,
    };
    let sort = match rand::random_range(0..5) {
        0 => vec![(MemberSort::Email, rand::random())],
        1 => vec![(MemberSort::LastName, rand::random())],
        2 => vec![(MemberSort::LastName, rand::random()), (MemberSort::Email, rand::random())],
        _ => Vec::new(),
    };
    MemberQuery {
        text: (*texts.choose(&mut random).unwrap()).to_owned(),
        addresses: rand::random_bool(0.15)
            .then(|| addresses.sample(&mut random, 2).map(|&text| text.to_owned()).collect()),
        domain: rand::random_bool(0.2).then(|| (*domains.choose(&mut random).unwrap()).to_owned()),
        roles: held,
        resource_ids,
        sort,
    }
}

/// A hundred thousand more members, of whom ten are owners.
async fn very_many(app: &TestApp, acme: &Acme) {
    let (owner, member) = (app.role(acme, "owner").await, app.role(acme, "member").await);
    let of = acme.scope.organization().id;
    let (numbers, n_hex) = match app.is_sqlite() {
        true => (
            "(with recursive n (n) as (select 0 union all select n + 1 from n where n < 99999) select n from n) n",
            "printf('%012x', n)",
        ),
        false => ("generate_series(0, 99999) n", "lpad(to_hex(n), 12, '0')"),
    };
    let id = |text: &str| match app.is_sqlite() {
        true => format!("unhex(replace({text}, '-', ''))"),
        false => format!("cast({text} as uuid)"),
    };
    let user_id = id(&format!("'01934d21-0000-7000-8000-' || {n_hex}"));
    let member_id = id(&format!("'01a54d21-0000-7000-8000-' || {n_hex}"));
    let literal = |text: String| id(&format!("'{text}'"));
    let (of, owner, member) = (literal(of.to_string()), literal(owner.to_string()), literal(member.to_string()));
    app.execute(&format!(
        "insert into users (id, email, email_typed, name, search, password_hash, is_email_verified, created_at)
            select {user_id}, 'person' || n || '@example.com', 'person' || n || '@example.com', 'Person ' || n,
            ' person' || n || ' example com person ' || n || ' ', '',
            is_email_verified, created_at from users, {numbers};
        insert into members (id, organization_id, user_id, metadata, joined_at)
            select {member_id}, {of}, {user_id}, metadata, joined_at from members, {numbers};
        insert into member_roles (member_id, position, role_id)
            select {member_id}, 0, case when n % 10000 = 5000 then {owner} else {member} end from {numbers}"
    ))
    .await;
    if !app.is_sqlite() {
        // as autovacuum does
        app.execute("analyze users; analyze members; analyze member_roles").await;
    }
}

/// The time that the quickest of several tries takes: others use the machine, too.
async fn quickest<T>(mut work: impl AsyncFnMut() -> T) -> std::time::Duration {
    let mut quickest = std::time::Duration::MAX;
    for _ in 0..7 {
        let begun = std::time::Instant::now();
        work().await;
        quickest = quickest.min(begun.elapsed());
    }
    quickest
}

both! {
    async fn a_page_of_very_many_comes_at_once_wherever_it_is(app) {
        let acme = app.organization("Acme").await;
        very_many(&app, &acme).await;
        let (owner, member) = (app.role(&acme, "owner").await, app.role(&acme, "member").await);
        let roles = app.vestibule.roles().all(&acme.scope).await.unwrap();
        let administer = MemberQuery { roles: Some(vec![RolesHeld::administer(&roles)]), ..MemberQuery::default() };
        let of_role = |id| MemberQuery::of_roles(vec![id]);
        for (query, matching) in [(MemberQuery::default(), 100_001), (of_role(owner), 11), (of_role(member), 99_990), (administer, 11)] {
            let list = async |after| app.vestibule.members().list(&acme.scope, &query, after, 50).await.unwrap();
            let middle = app.vestibule.members().numbered_page(&acme.scope, &query, 1_000, 50).await.unwrap();
            assert_eq!(middle.matching, matching);
            let after = middle.members.first().unwrap().id;
            assert!(list(Some(after)).await.first > 1);
            for took in [quickest(async || list(None).await).await, quickest(async || list(Some(after)).await).await] {
                // on a machine that does other things, too: to read them all takes many times as long
                assert!(took < std::time::Duration::from_secs(1), "{took:?}: {query:?}");
            }
        }
    }

    async fn whatever_is_asked_for_is_what_memory_would_have_given(app) {
        let (acme, roles, resources) = crowd(&app).await;
        let everybody = app.vestibule.members().all(&acme.scope).await.unwrap();
        assert_eq!(everybody.len(), PEOPLE.len() + 1);
        let mut found = 0;
        for _ in 0..400 {
            let query = any_query(&roles, &resources);
            let wanted = in_order(&query, everybody.iter().filter(|one| matches(&query, one)).cloned().collect());
            found += wanted.len();
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let part = app.vestibule.members().after(&acme.scope, &query, after, 4).await.unwrap().unwrap();
                assert_eq!(part.matching, wanted.len() as u64, "{query:?}");
                seen.extend(part.members.iter().map(|member| member.id));
                after = part.members.last().map(|last| last.user_id);
                assert_eq!(part.is_more, seen.len() < wanted.len(), "{query:?}");
                if !part.is_more {
                    break;
                }
            }
            assert_eq!(seen, wanted, "{query:?}");
            let page = rand::random_range(0..6);
            let numbered = app.vestibule.members().numbered_page(&acme.scope, &query, page, 5).await.unwrap();
            let last = u32::try_from(wanted.len().saturating_sub(1)).unwrap() / 5;
            assert_eq!((numbered.page, numbered.matching), (page.min(last), wanted.len() as u64), "{query:?}");
            let ids: Vec<MemberId> = numbered.members.iter().map(|member| member.id).collect();
            assert_eq!(ids, wanted.chunks(5).nth(numbered.page as usize).unwrap_or_default(), "{query:?}");
        }
        assert!(found > 400, "queries that find nobody prove nothing");
    }

    async fn pages_follow_each_other_without_a_gap_and_lead_back(app) {
        let (acme, ..) = crowd(&app).await;
        let all = app.vestibule.members().all(&acme.scope).await.unwrap();
        let query = MemberQuery::default();
        let page = async |after| app.vestibule.members().list(&acme.scope, &query, after, 8).await.unwrap();
        let first = page(None).await;
        let second = page(first.later.unwrap()).await;
        let third = page(second.later.unwrap()).await;
        let seen: Vec<_> = [&first, &second, &third].into_iter().flat_map(|page| page.members.clone()).collect();
        assert_eq!(seen, all);
        assert_eq!((first.earlier, second.earlier, third.later), (None, Some(None), None));
        assert_eq!(third.earlier, Some(first.later.unwrap()));
        assert_eq!((first.first, second.first, third.members.len()), (1, 9, 3));
        assert_eq!((second.matching, second.total), (19, 19));
        let nobody = page(Some(MemberId::from(uuid::Uuid::nil()))).await;
        assert_eq!((nobody.members, nobody.first), (first.members, 1), "after somebody who is not there comes the first page");
        let of_grace = MemberQuery { text: "grace".into(), ..MemberQuery::default() };
        let list = app.vestibule.members().list(&acme.scope, &of_grace, Some(all[0].id), 8).await.unwrap();
        assert_eq!((list.members.len(), list.matching, list.total, list.first), (4, 4, 19, 1), "nor after one who does not match");
    }

    async fn those_limited_to_a_resource_are_listed_in_order_whatever_their_roles(app) {
        let (acme, roles, resources) = crowd(&app).await;
        let everybody = app.vestibule.members().all(&acme.scope).await.unwrap();
        let ids: Vec<RoleId> = roles.iter().map(|role| role.id).collect();
        let none_of_one = RolesHeld { one_of_each: Vec::new(), none_of: vec![ids[2]] };
        let held = [None, Some(RolesHeld::one_of(vec![ids[1]])), Some(RolesHeld::one_of(ids)), Some(none_of_one)];
        let mut found = 0;
        for (resource, held) in resources.iter().flat_map(|resource| held.iter().map(move |held| (*resource, held))) {
            let roles = held.clone().map(|held| vec![held]);
            let query = MemberQuery { resource_ids: Some(vec![resource]), roles, ..MemberQuery::default() };
            let wanted = in_order(&query, everybody.iter().filter(|one| matches(&query, one)).cloned().collect());
            found += wanted.len();
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = app.vestibule.members().list(&acme.scope, &query, after, 2).await.unwrap();
                assert_eq!((page.matching, page.first), (wanted.len() as u64, seen.len() as u64 + 1), "{query:?}");
                seen.extend(page.members.iter().map(|member| member.id));
                let Some(later) = page.later else { break };
                after = later;
            }
            assert_eq!(seen, wanted, "{query:?}");
        }
        assert!(found > 12, "queries that find nobody prove nothing");
    }

    async fn text_is_found_in_names_and_addresses_in_any_case(app) {
        let (acme, ..) = crowd(&app).await;
        let find = async |text: &str| {
            let query = MemberQuery { text: text.into(), ..MemberQuery::default() };
            app.vestibule.members().list(&acme.scope, &query, None, 8).await.unwrap().matching
        };
        assert_eq!((find("PERSON ONE").await, find("two@").await, find(" ").await, find("nobody").await), (1, 1, 19, 0));
        assert_eq!((find("ÉDITH").await, find(&"x".repeat(60_000)).await), (2, 0));
    }

    async fn the_member_of_an_address_is_found_by_it(app) {
        let (acme, ..) = crowd(&app).await;
        let of = async |email: &str| {
            let email = EmailAddress::parse(email).unwrap();
            let found = app.vestibule.members().of_address(&acme.scope, &email).await.unwrap();
            found.map(|member| member.name.to_string())
        };
        assert_eq!(of("ZOLA@people.example").await.as_deref(), Some("édith zola"));
        assert_eq!(of("nobody@people.example").await, None);
    }
}
