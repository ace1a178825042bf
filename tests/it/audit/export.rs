//! The API's filters and files.

use reqwest::StatusCode;
use serde_json::{Value, json};

fn numbers(body: &Value) -> Vec<u64> {
    body["data"].as_array().unwrap().iter().map(|event| event["number"].as_u64().unwrap()).collect()
}

both! {
    async fn the_api_lists_what_matches(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let grace = program.post("/invitations", &json!({ "email": "grace@example.com", "name": "Grace Okafor" })).await.json();
        program.post("/invitations", &json!({ "email": "alan@example.com" })).await;
        app.settle().await;
        let id = grace["id"].as_str().unwrap();
        // 1 member.added, 2 api_key.created, 3 and 4 invitation.created, 5 and 6 invitation.sent
        for (query, wanted) in [
            ("", vec![1, 2, 3, 4, 5, 6]),
            ("?action=invitation", vec![3, 4, 5, 6]),
            ("?action=invitation.created,member", vec![1, 3, 4]),
            ("?action=invitation.created&action=api_key", vec![2, 3, 4]),
            ("?actor_id=system", vec![1, 5, 6]),
            (&format!("?actor_id={}", program.id), vec![3, 4]),
            (&format!("?invitation_id={id}&action=invitation.created"), vec![3]),
            ("?member_id=00000000-0000-0000-0000-000000000000", vec![]),
            ("?q=okafor&action=invitation.created", vec![3]),
            ("?from=2026-11-22T09:00:00Z", vec![1, 2, 3, 4, 5, 6]),
            ("?to=2026-11-22T09:00:00Z", vec![]),
        ] {
            assert_eq!(numbers(&program.get(&format!("/events{query}")).await.json()), wanted, "{query}");
        }
    }

    async fn a_filtered_cursor_skips_nothing_and_nothing_comes_twice(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        for number in 0..7 {
            program.post("/invitations", &json!({ "email": format!("p{number}@example.com") })).await;
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = program.get(&format!("/events?action=invitation.created&limit=2{cursor}")).await.json();
            seen.extend(numbers(&page));
            cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap());
            if page["has_more"] == false {
                break;
            }
        }
        assert_eq!(seen, [3, 4, 5, 6, 7, 8, 9]);
        app.settle().await;
        program.post("/invitations", &json!({ "email": "late@example.com" })).await;
        let later = program.get(&format!("/events?action=invitation.created{cursor}")).await.json();
        assert_eq!(later["data"][0]["data"]["email"], "late@example.com");
        assert_eq!(numbers(&later).len(), 1);
    }

    async fn a_filter_that_is_none_is_refused(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        for path in ["/events?", "/events/export?format=csv&"] {
            for (query, wanted) in [
                ("action=dance", (422, "invalid")),
                ("action=", (422, "invalid")),
                ("action=member,", (422, "invalid")),
                ("actor_id=ada", (422, "invalid")),
                ("invitation_id=x", (400, "query")),
                ("member_id=x", (400, "query")),
                ("from=yesterday", (400, "query")),
                ("to=2026-11-22", (400, "query")),
                ("q=a&q=b", (400, "query")),
                ("subject=x", (400, "query")),
            ] {
                let answer = program.get(&format!("{path}{query}")).await;
                assert_eq!(answer.refusal(), (wanted.0, wanted.1.to_owned()), "{path}{query}");
            }
        }
        for query in ["?format=", "?format=xml", "?format=csv&format=ndjson", "?format=csv&limit=1"] {
            assert_eq!(program.get(&format!("/events/export{query}")).await.refusal(), (400, "query".into()), "{query}");
        }
    }

    async fn a_file_holds_what_the_list_does(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let many: Vec<Value> = (0..600).map(|number| json!({ "email": format!("p{number}@example.com") })).collect();
        program.post("/invitations/bulk", &json!({ "invitations": many })).await;
        let all = app.vestibule.feed().events(&acme.scope, 0, 2000).await.unwrap();
        assert_eq!(all.len(), 602);
        let file = program.get("/events/export?format=ndjson").await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"acme-events.ndjson\"");
        assert_eq!(file.headers["content-type"], "application/x-ndjson");
        let lines: Vec<Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let first = program.get("/events?limit=500").await.json();
        assert_eq!(lines[..500], first["data"].as_array().unwrap()[..], "line by line as in the list");
        assert_eq!(lines.len(), all.len());
        let file = program.get("/events/export?format=csv&action=invitation.created").await;
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"acme-events.csv\"");
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8; header=present");
        let rows: Vec<&str> = file.text.lines().collect();
        assert_eq!(rows[0], "number,at,action,actor_type,actor_id,actor,subject,invitation_id,member_id,data,hash");
        assert_eq!(rows.len() - 1, all.iter().filter(|event| event.fact.action() == "invitation.created").count());
    }

    async fn no_cell_is_a_formula(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        for (number, name) in ["=HYPERLINK(\"evil\")", "+1", "-1", "@sum(a1)", "\"quoted\", and, so on"].into_iter().enumerate() {
            let made = program.post("/invitations", &json!({ "email": format!("p{number}@example.com"), "name": name })).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        }
        program.post("/roles", &json!({ "key": "evil", "name": "=cmd|' /c calc'!a0", "permissions": [] })).await;
        let file = program.get("/events/export?format=csv").await;
        let mut reader = csv::Reader::from_reader(file.text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell}");
        }
        let subjects: Vec<&str> = rows.iter().map(|row| &row[6]).collect();
        assert!(subjects.contains(&"'=HYPERLINK(\"evil\")") && subjects.contains(&"\"quoted\", and, so on"), "{subjects:?}");
        assert!(subjects.contains(&"'=cmd|' /c calc'!a0"), "{subjects:?}");
    }
}
