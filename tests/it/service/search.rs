//! People are found by a few words: who, in which order, and by whom.

use crate::harness::{Acme, Database, Setup, TestApp, end::words_are_those_of_the_texts};
use sqlx::Connection;
use vestibule_core::service::{Error, Found};
use vestibule_domain::{
    EventFilter, InvitationFilter, MailFilter, MemberQuery, OffsetPageOrder, OffsetPageRequest, SearchWord,
    bounds::MAX_SEARCH_CHARS, search::folded,
};

async fn found(app: &TestApp, at: &Acme, text: &str) -> Found {
    app.vestibule.search().find(&at.scope, text).await.unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

async fn members(app: &TestApp, at: &Acme, text: &str) -> Vec<String> {
    found(app, at, text).await.members.iter().map(|member| member.name.to_string()).collect()
}

async fn invited(app: &TestApp, at: &Acme, text: &str) -> Vec<String> {
    found(app, at, text).await.invitations.iter().map(|invitation| invitation.email.to_string()).collect()
}

/// People as the world has them.
const PEOPLE: [&str; 12] = [
    "Björk Guðmundsdóttir <bjork@saga.example>",
    "Øyvind Łukasz <oyvind.lukasz@nord.example>",
    "王小明 <wang@people.example>",
    "Пётр Йович <petr@people.example>",
    "Ἀθηνᾶ Οδυσσεύς <athena@people.example>",
    "Σοφία O'Brien-Smith <sofia.obrien@people.example>",
    "İlkay Straße <ilkay@people.example>",
    "김철수 <kim@people.example>",
    "Maren Castillo <maren.castillo@example.com>",
    "J. Q. Public <jq@example.com>",
    "plain@example.com",
    "Ａｎｎ Ｗｉｄｅ <ann+wide@example.com>",
];

const TEXTS: [&str; 26] = [
    "bjork",
    "BJÖRK saga",
    "gudmund",
    "oyvind",
    "øyv",
    "lukasz nord",
    "小明",
    "王",
    "петр",
    "ПЁТР",
    "οδυσσευς",
    "αθηνα",
    "obrien",
    "o'brien",
    "brien-smith",
    "ilkay strasse",
    "straße",
    "철수",
    "ca ma",
    "castillo@ex",
    "@example.com",
    "j. q.",
    "example",
    "plain@",
    "ann wide",
    "nobody",
];

/// What every list finds by the text: invitations, members, mails, and those of a vendor's list.
async fn lists(app: &TestApp, at: &Acme, text: &str) -> [Vec<String>; 4] {
    let filter = InvitationFilter { text: Some(text.into()), ..InvitationFilter::default() };
    let mut invitations = Vec::new();
    let mut cursor = None;
    loop {
        let list = app.vestibule.invitations().page(&at.scope, &filter, cursor.as_deref(), 2).await.unwrap();
        invitations.extend(list.page.items.iter().map(|row| row.invitation.email.to_string()));
        cursor = list.page.older;
        if cursor.is_none() {
            assert_eq!(list.counts.of(None).number, invitations.len() as u64, "{text}");
            break;
        }
    }
    let query = MemberQuery { text: text.into(), ..MemberQuery::default() };
    let members = app.vestibule.members().list(&at.scope, &query, None, 50).await.unwrap().members;
    let filter = MailFilter { text: Some(text.into()), ..MailFilter::default() };
    let mails = app.vestibule.outbox().page(&at.scope, &filter, None, 50).await.unwrap();
    assert_eq!(mails.counts.of(None).number, mails.page.items.len() as u64, "{text}");
    let request = OffsetPageRequest {
        text: Some(text.into()),
        order: OffsetPageOrder::Email,
        is_descending: false,
        ..OffsetPageRequest::new(0, 50)
    };
    let page = app.vestibule.invitations().offset_page(&at.scope, &request).await.unwrap();
    assert_eq!(page.total, page.rows.len() as u64, "{text}");
    [
        invitations,
        members.into_iter().map(|member| member.email.to_string()).collect(),
        mails.page.items.into_iter().map(|mail| mail.recipient).collect(),
        page.rows.into_iter().map(|view| view.invitation.email.to_string()).collect(),
    ]
}

/// A person of [`PEOPLE`], taken apart.
fn address_and_name(person: &str) -> (String, String) {
    let (name, email) = person.split_once(" <").unwrap_or(("", person));
    (email.trim_end_matches('>').to_owned(), name.to_owned())
}

/// The addresses of those of whom the list would find the text, newest first.
fn expected(text: &str, people: &[(String, String)]) -> Vec<String> {
    let words = SearchWord::all(text);
    let has_all = |(email, name): &&(String, String)| {
        let stored = folded(&format!("{email} {name}"));
        !words.is_empty() && words.iter().all(|word| stored.contains(&word.part()))
    };
    people.iter().rev().filter(has_all).map(|(email, _)| email.clone()).collect()
}

/// A database whose owner has given us a schema, and nothing else: no extension can be made.
async fn with_a_schema_only() -> TestApp {
    let server = std::env::var("TEST_POSTGRES_URL").unwrap();
    let name = format!("only_{:x}", rand::random::<u128>());
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    for sql in [format!("create database {name}"), format!("create role {name} login")] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    let mut connection = sqlx::PgConnection::connect(url.as_str()).await.unwrap();
    let sql = format!("create schema {name} authorization {name}; revoke create on schema public from public");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    url.set_username(&name).unwrap();
    let database_url = Some(url.to_string());
    TestApp::with(Setup { database: Database::Postgres, database_url, ..Setup::default() }).await
}

#[tokio::test]
async fn where_the_extension_cannot_be_had_full_text_search_finds_the_same() {
    let app = with_a_schema_only().await;
    let acme = app.organization("Acme").await;
    let plan = "select count(*) from pg_indexes where schemaname = current_schema() and indexdef like '%threes_of%'";
    assert_eq!(app.count(plan).await, 3);
    let mut people = Vec::new();
    for person in PEOPLE {
        app.invites(&acme, person).await;
        people.push(address_and_name(person));
    }
    app.joins(&acme, "zoe@people.example", "Zoë O'Hara \\", "member").await;
    people.push(("zoe@people.example".to_owned(), String::new()));
    for text in TEXTS {
        assert_eq!(lists(&app, &acme, text).await[0], expected(text, &people), "{text}");
    }
    for text in ["zoe", "O'HARA", "zoë \\"] {
        assert_eq!(lists(&app, &acme, text).await[1], ["zoe@people.example"], "{text}");
        assert_eq!(members(&app, &acme, text).await, ["Zoë O'Hara \\"], "{text}");
    }
}

both! {
    async fn every_list_finds_the_same_whether_it_is_indexed_or_not(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let mut people = Vec::new();
        for person in PEOPLE {
            app.invites(&acme, person).await;
            app.invites(&other, person).await;
            people.push(address_and_name(person));
        }
        let mut before = Vec::new();
        for text in TEXTS {
            let found = lists(&app, &acme, text).await;
            assert_eq!(found[0], expected(text, &people), "{text}");
            let mut with_text = people.iter().map(|(email, _)| email).filter(|email| email.contains(&text.to_lowercase())).collect::<Vec<_>>();
            with_text.sort();
            assert_eq!(found[3].iter().collect::<Vec<_>>(), with_text, "{text}");
            before.push(found);
        }
        app.settle().await;
        app.invites(&acme, "Last Castillo <last@example.com>").await;
        for (text, before) in TEXTS.into_iter().zip(before) {
            let mut found = lists(&app, &acme, text).await;
            found[0].retain(|email| email != "last@example.com");
            found[2].retain(|email| email != "last@example.com");
            found[3].retain(|email| email != "last@example.com");
            assert_eq!(found, before, "{text}");
        }
        assert_eq!(lists(&app, &acme, "castillo").await[0], ["last@example.com", "maren.castillo@example.com"]);
    }

    async fn members_and_events_are_found_without_accents(app) {
        let acme = app.organization("Acme").await;
        let bjork = app.joins(&acme, "bjork@saga.example", "Björk Guðmundsdóttir", "member").await;
        for text in ["gudmunds", "BJÖRK", "saga bjork"] {
            assert_eq!(lists(&app, &acme, text).await[1], ["bjork@saga.example"], "{text}");
        }
        app.vestibule.members().remove(&acme.scope, bjork.member_id()).await.unwrap();
        assert_eq!(lists(&app, &acme, "bjork").await[1], [""; 0]);
        let filter = EventFilter { text: Some("gudmundsdottir".into()), ..EventFilter::default() };
        let events = app.vestibule.audit().page(&acme.scope, &filter, None, 50).await.unwrap().page.items;
        let actions: Vec<&str> = events.iter().map(|event| event.fact.action()).collect();
        assert!(actions.contains(&"member.removed"), "{actions:?}");
    }

    async fn who_is_erased_is_in_no_index(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "bjork@saga.example", "Björk Guðmundsdóttir", "member").await;
        app.invites(&acme, "saga@people.example").await;
        app.settle().await;
        app.vestibule.erasure().erase(&acme.scope, "bjork@saga.example").await.unwrap();
        for _ in 0..2 {
            for text in ["bjork", "gudmund", "bjork@saga"] {
                let [invitations, members, _, others] = lists(&app, &acme, text).await;
                assert_eq!((invitations, members, others), (vec![], vec![], vec![]), "{text}");
            }
            assert_eq!(lists(&app, &acme, "saga").await[0], ["saga@people.example"]);
            app.settle().await;
        }
        assert_eq!(lists(&app, &acme, "bjork@saga").await[2], [""; 0]);
        if app.is_sqlite() {
            words_are_those_of_the_texts(&app.database_url).await;
        }
    }

    async fn all_words_are_looked_for_in_any_order_and_case(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "joan@people.example", "Joan Émile Whitlock", "admin").await;
        app.invites(&acme, "Grace Okafor <g.okafor@example.com>").await;
        for text in ["joan", "JOAN", "whit", " émile\tjoan ", "ÉMILE", "whitlock people", "oan@people"] {
            assert_eq!(members(&app, &acme, text).await, ["Joan Émile Whitlock"], "{text}");
        }
        for text in ["okafor grace", "GRACE g.okafor@example.com", "g.ok", "kafor"] {
            assert_eq!(invited(&app, &acme, text).await, ["g.okafor@example.com"], "{text}");
        }
        for text in ["joan okafor", "grace joan", "joan q", "j o q"] {
            assert_eq!((members(&app, &acme, text).await.len(), invited(&app, &acme, text).await.len()), (0, 0), "{text}");
        }
        assert_eq!(members(&app, &acme, "").await, [""; 0]);
        assert_eq!(members(&app, &acme, " \n").await, [""; 0]);
    }

    async fn what_begins_with_the_text_comes_first_and_then_the_latest(app) {
        let acme = app.organization("Acme").await;
        for recipient in ["grace@example.com", "Grace Okafor <okafor@example.com>", "Ada Grace <grandma@example.com>", "x.grace@example.com", "Disgraceful <d@example.com>", "gracious@example.com"] {
            app.invites(&acme, recipient).await;
        }
        let in_order = ["grace@example.com", "x.grace@example.com", "grandma@example.com", "okafor@example.com", "d@example.com"];
        assert_eq!(invited(&app, &acme, "grace").await, in_order);
        assert_eq!(invited(&app, &acme, "grac").await, ["grace@example.com", "gracious@example.com", "x.grace@example.com", "grandma@example.com", "okafor@example.com"]);
        assert_eq!(invited(&app, &acme, "g").await[..2], ["grace@example.com", "gracious@example.com"]);
    }

    async fn five_are_found_and_more_are_announced(app) {
        let acme = app.organization("Acme").await;
        let five = app.invite(&acme, "p1@x.example p2@x.example p3@x.example p4@x.example p5@x.example", "member").await;
        app.vestibule.invitations().invite(&acme.scope, &five).await.unwrap();
        let all = found(&app, &acme, "x.example").await;
        assert_eq!((all.invitations.len(), all.has_more_invitations, all.has_more_members), (5, false, false));
        app.invites(&acme, "p6@x.example").await;
        for text in ["x.example", "p"] {
            let some = found(&app, &acme, text).await;
            assert_eq!((some.invitations.len(), some.has_more_invitations), (5, true), "{text}");
        }
    }

    async fn wildcards_are_letters(app) {
        let acme = app.organization("Acme").await;
        for address in ["under_score@example.com", "underxscore@example.com", "100%sure@example.com"] {
            app.invites(&acme, address).await;
        }
        assert_eq!(invited(&app, &acme, "under_").await, ["under_score@example.com"]);
        assert_eq!(invited(&app, &acme, "r_s").await, ["under_score@example.com"]);
        assert_eq!(invited(&app, &acme, "%").await, [""; 0], "they are no letters, and stand in no word");
        assert_eq!(invited(&app, &acme, "100%s").await, ["100%sure@example.com"]);
        assert_eq!(invited(&app, &acme, "u%e").await, [""; 0]);
        assert_eq!(invited(&app, &acme, "\\").await, [""; 0]);
    }

    async fn another_organizations_people_are_not_found(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.invites(&acme, "grace@example.com").await;
        app.joins(&acme, "joan@people.example", "Joan Whitlock", "admin").await;
        for text in ["grace", "joan", "people.example", "acme"] {
            let found = found(&app, &other, text).await;
            assert_eq!((found.members.len(), found.invitations.len()), (0, 0), "{text}");
        }
        assert_eq!(found(&app, &other, "ada").await.members.iter().map(|ada| ada.email.as_str()).collect::<Vec<_>>(), ["ada@other.example"]);
    }

    async fn who_may_not_see_people_finds_nobody(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "nothing", "Nothing", &[]).await.unwrap();
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "nothing").await;
        let nobody = found(&app, &alan, "a").await;
        assert_eq!((nobody.members.len(), nobody.invitations.len(), nobody.has_more_members), (0, 0, false));
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "member").await;
        assert_eq!(members(&app, &joan, "alan").await, ["Alan Pemberton"]);
    }

    async fn hostile_text_is_looked_for_like_any_other(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let long = [1, 2, 30].map(|length| format!("{} ", "x".repeat(length)).repeat(MAX_SEARCH_CHARS / (length + 1)));
        let odd = ["'; drop table invitations; --", "\u{10ffff}", "\u{feff}", "a\u{202e}b", "\"", "$1", "{}", "%_\\%_\\", "(((", "\u{1}"];
        for text in long.iter().map(String::as_str).chain(odd) {
            assert_eq!(found(&app, &acme, text).await.invitations.len(), 0, "{text}");
        }
        let too_long = "x".repeat(MAX_SEARCH_CHARS + 1);
        assert!(matches!(app.vestibule.search().find(&acme.scope, &too_long).await, Err(Error::Invalid(_))));
        assert_eq!(invited(&app, &acme, "grace").await, ["grace@example.com"]);
    }
}
