//! The numbers beside a list.

use vestibule_domain::{InvitationFilter, JobKind, RoleId, Status, Total};

fn of_role(id: RoleId) -> InvitationFilter {
    InvitationFilter { role_id: Some(id), ..InvitationFilter::default() }
}

both! {
    async fn a_list_with_a_filter_is_counted_up_to_ten_thousand(app) {
        let many = app.many(10_300).await;
        let (acme, vestibule) = (&many.acme, &app.vestibule);
        let counts = async |filter| vestibule.invitations().page(&acme.scope, &filter, None, 1).await.unwrap().counts;
        assert_eq!(counts(InvitationFilter::default()).await.of(None), Total::exact(10_300));
        let usual = counts(of_role(many.usual_role)).await;
        assert_eq!(usual.of(None), Total { number: 10_000, is_exact: false });
        let parts: u64 = Status::ALL.iter().map(|status| usual.of(*status).number).sum();
        assert!(parts == 10_000 && !usual.of(Status::Pending).is_exact, "{usual:?}");
        assert_eq!(counts(of_role(many.rare_role)).await.of(None), Total::exact(206));
        // a job is for all of them: each fourth is open, and each fiftieth offers the other role
        let filter = of_role(many.usual_role);
        let matching = vestibule.jobs().count_matching(&acme.scope, JobKind::RevokeMatching, &filter);
        assert_eq!(matching.await.unwrap(), 2_575 - 103);
        assert!(usual.of(Status::Pending).number < 2_575 - 103, "{usual:?}");
    }

    async fn programs_and_people_are_told_that_there_are_more(app) {
        let many = app.many(10_300).await;
        let program = app.program(&many.acme).await;
        let usual = program.get("/invitations?role=member&limit=1").await.json();
        assert_eq!((&usual["total"], &usual["total_is_exact"]), (&10_000.into(), &false.into()));
        let rare = program.get("/invitations?role=admin&limit=1").await.json();
        assert_eq!((&rare["total"], &rare["total_is_exact"]), (&206.into(), &true.into()));
        let all = program.get("/invitations?limit=1").await.json();
        assert_eq!((&all["total"], &all["total_is_exact"]), (&10_300.into(), &true.into()));
        let ada = app.client_of(&many.acme.session);
        let page = ada.get(&format!("/o/acme/invitations?role={}", many.usual_role)).await.text;
        assert!(page.contains("10,000+ invitations") && page.contains("Select all 10,000+ that match"), "{page}");
    }

    async fn what_has_expired_counts_as_expired_before_the_worker_gets_to_it(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.advance(chrono::Duration::days(30));
        let totals = async || {
            let list = app.vestibule.invitations().page(&acme.scope, &InvitationFilter::default(), None, 1).await.unwrap();
            [None, Some(Status::Pending), Some(Status::Expired)].map(|status| list.counts.of(status).number)
        };
        assert_eq!(totals().await, [1, 0, 1]);
        app.settle().await;
        assert_eq!(totals().await, [1, 0, 1]);
    }
}
