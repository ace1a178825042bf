//! The list of members: what stands beside them, its filters, and its files.

use crate::harness::{Acme, Answer, TestApp};
use futures::StreamExt;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::pin::pin;
use vestibule_domain::{MemberId, MemberQuery};

/// The row of a member in the list.
fn row(page: &Answer, id: MemberId) -> &str {
    let (_, rest) =
        page.text.split_once(&format!("id=\"row-{id}\"")).unwrap_or_else(|| panic!("no {id} in {}", page.text));
    rest.split("</tr>").next().unwrap_or_default()
}

/// The rows of a CSV file, without its header.
fn records(file: &Answer) -> Vec<csv::StringRecord> {
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    csv::Reader::from_reader(file.text.as_bytes()).records().map(Result::unwrap).collect()
}

/// The lines of an NDJSON file.
fn lines(file: &Answer) -> Vec<Value> {
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn by_a_program(app: &TestApp, at: &Acme, email: &str, name: &str) {
    let made = app.program(at).await.post("/invitations", &json!({ "email": email })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    app.settle().await;
    let opened = app.vestibule.acceptance().open(&app.mailed_token(email)).await.unwrap();
    app.vestibule.acceptance().accept_as_new(opened.as_str(), name, crate::harness::PASSWORD).await.unwrap();
}

both! {
    async fn a_row_says_who_invited_the_member_and_what_they_are_limited_to(app) {
        let acme = app.organization("Acme").await;
        let (garden, shed) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Shed").await);
        let joan = app.limited(&acme, "joan@acme.example", &[garden, shed]).await;
        by_a_program(&app, &acme, "grace@example.com", "Grace Okafor").await;
        let page = app.client_of(&acme.session).get("/o/acme/members").await;
        let of_joan = row(&page, joan.member_id());
        assert!(of_joan.contains("<bdi>Ada Byrne</bdi>") && of_joan.contains("<bdi>Garden, Shed</bdi>"), "{of_joan}");
        let members = app.vestibule.members().all(&acme.scope).await.unwrap();
        let grace = members.iter().find(|member| member.email.as_str() == "grace@example.com").unwrap();
        let of_grace = row(&page, grace.id);
        assert!(of_grace.contains("<bdi>ci</bdi>") && of_grace.contains(">No limit</span>"), "{of_grace}");
        assert!(row(&page, acme.member_id()).contains(">Nobody</span>"), "{}", page.text);
    }

    async fn the_list_is_filtered_by_resource_with_or_without_a_role(app) {
        let acme = app.organization("Acme").await;
        let (garden, shed) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Shed").await);
        app.limited(&acme, "joan@acme.example", &[garden]).await;
        app.joins(&acme, "alan@acme.example", "Alan Pemberton", "admin").await;
        let ada = app.client_of(&acme.session);
        let (admin, owner) = (app.role(&acme, "admin").await, app.role(&acme, "owner").await);
        for query in [format!("resource={garden}"), format!("role={admin}&resource={garden}"), format!("q=joan&resource={garden}")] {
            let page = ada.get(&format!("/o/acme/members?{query}")).await;
            assert!(page.text.contains("Joan Whitlock") && !page.text.contains("Alan Pemberton"), "{query}: {}", page.text);
            assert!(page.text.contains(&format!("value=\"{garden}\" selected")), "{query}: {}", page.text);
            let file = format!("/o/acme/members/export?format=csv&{query}").replace('&', "&amp;");
            assert!(page.text.contains(&file), "{file}: {}", page.text);
        }
        for query in [format!("resource={shed}"), format!("role={owner}&resource={garden}")] {
            let page = ada.get(&format!("/o/acme/members?{query}")).await;
            assert!(page.text.contains("No member matches"), "{query}: {}", page.text);
            assert!(page.text.contains("Clear the filters"), "{query}: {}", page.text);
        }
    }

    async fn the_next_page_has_the_same_filter(app) {
        let many = app.many(400).await;
        let query = format!("q=person&role={}", many.usual_role);
        let page = app.client_of(&many.acme.session).get(&format!("/o/acme/members?{query}")).await;
        let next = format!("href=\"/o/acme/members?{query}&after=").replace('&', "&amp;");
        assert!(page.text.contains(&next), "{next}: {}", page.text);
    }

    async fn another_organizations_roles_and_resources_find_nobody(app) {
        let acme = app.organization("Acme").await;
        let garden = app.resource(&acme, "Garden").await;
        app.limited(&acme, "joan@acme.example", &[garden]).await;
        let admin = app.role(&acme, "admin").await;
        let stranger = app.client_of(&app.organization("Other").await.session);
        for query in [format!("role={admin}"), format!("resource={garden}"), format!("role={admin}&resource={garden}")] {
            let page = stranger.get(&format!("/o/other/members?{query}")).await;
            assert!(page.text.contains("No member matches") && !page.text.contains("Joan"), "{query}: {}", page.text);
            let file = stranger.get(&format!("/o/other/members/export?format=csv&{query}")).await;
            assert_eq!(records(&file).len(), 0, "{query}: {}", file.text);
        }
    }

    async fn a_file_has_what_the_list_has(app) {
        let acme = app.organization("Acme").await;
        let garden = app.resource(&acme, "Garden").await;
        let joan = app.limited(&acme, "joan@acme.example", &[garden]).await;
        let ada = app.client_of(&acme.session);
        let file = ada.get("/o/acme/members/export?format=csv").await;
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"acme-members.csv\"");
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8; header=present");
        let head = "id,user_id,name,email,roles,resources,joined_at,invited_by,invitation_id";
        assert_eq!(file.text.lines().next(), Some(head));
        let rows = records(&file);
        let cells = |row: &csv::StringRecord| [2, 3, 4, 5, 7].map(|at| row[at].to_owned());
        assert_eq!(cells(&rows[0]), ["Ada Byrne", "ada@acme.example", "Owner", "", ""]);
        assert_eq!(cells(&rows[1]), ["Joan Whitlock", "joan@acme.example", "Admin", "Garden", "Ada Byrne"]);
        assert_eq!((rows.len(), &rows[1][0]), (2, joan.member_id().to_string().as_str()));
        let file = ada.get(&format!("/o/acme/members/export?format=ndjson&resource={garden}")).await;
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"acme-members.ndjson\"");
        let lines = lines(&file);
        assert_eq!(lines.len(), 1, "{}", file.text);
        assert_eq!((&lines[0]["name"], &lines[0]["invited_by"]), (&json!("Joan Whitlock"), &json!("Ada Byrne")));
        assert_eq!((&lines[0]["roles"], &lines[0]["resources"]), (&json!(["Admin"]), &json!(["Garden"])));
        for query in ["", "?format=", "?format=xml"] {
            let answer = ada.get(&format!("/o/acme/members/export{query}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
        }
    }

    async fn no_cell_of_a_file_is_a_formula(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "evil", "=cmd|' /c calc'!a0", &[]).await.unwrap();
        app.joins(&acme, "grace@example.com", "=HYPERLINK(\"evil\")", "evil").await;
        let file = app.client_of(&acme.session).get("/o/acme/members/export?format=csv").await;
        let rows = records(&file);
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell}");
        }
        assert_eq!((&rows[1][2], &rows[1][4]), ("'=HYPERLINK(\"evil\")", "'=cmd|' /c calc'!a0"));
    }

    async fn who_may_not_see_members_gets_no_file(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "quiet", "Quiet", &[]).await.unwrap();
        let quiet = app.joins(&acme, "quiet@acme.example", "Quiet Quinn", "quiet").await;
        let quiet = app.client_of(&quiet.session);
        for format in ["csv", "ndjson"] {
            let answer = quiet.get(&format!("/o/acme/members/export?format={format}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{format}");
            assert!(!answer.text.contains("ada@acme.example"), "{format}: {}", answer.text);
        }
    }

    async fn a_file_of_very_many_is_read_in_parts_and_has_each_once(app) {
        let many = app.many(6_000).await;
        let all = app.vestibule.member_exports().all(&many.acme.scope, &MemberQuery::default()).await.unwrap();
        let mut batches = pin!(all);
        let mut sizes = Vec::new();
        while let Some(batch) = batches.next().await {
            sizes.push(batch.unwrap().members.len());
        }
        assert_eq!(sizes, [500, 500, 500, 1]);
        let ada = app.client_of(&many.acme.session);
        let rows = records(&ada.get("/o/acme/members/export?format=csv").await);
        let ids: BTreeSet<&str> = rows.iter().map(|row| &row[0]).collect();
        assert_eq!((rows.len(), ids.len()), (1_501, 1_501));
        assert_eq!(rows.iter().filter(|row| &row[5] == "Garden").count(), 30);
        assert_eq!(lines(&ada.get("/o/acme/members/export?format=ndjson").await).len(), 1_501);
    }
}
