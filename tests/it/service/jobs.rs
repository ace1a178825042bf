//! Jobs: what matches is changed in the background, once each, whatever happens meanwhile.

use crate::harness::{Acme, Database, Setup, TestApp};
use crate::worker::invites_many;
use chrono::Duration;
use vestibule_core::service::{Conflict, Error, JobConflict, MemberEdit, NotFound, Result, Started};
use vestibule_core::worker;
use vestibule_domain::{
    InvitationFilter, InvitationId, Job, JobOutcome, Status, Tally, UndoOutcome, job::JOB_BATCH, job::TOLD_FOR,
};

/// More than two batches.
const MANY: usize = 120;
const BATCH: u64 = JOB_BATCH as u64;

fn any() -> InvitationFilter {
    InvitationFilter::default()
}

fn matching(text: &str) -> InvitationFilter {
    InvitationFilter { text: Some(text.to_owned()), ..any() }
}

fn job_of(started: Result<Started>) -> Job {
    match started.unwrap() {
        Started::Job(job) => *job,
        Started::AtOnce(done) => panic!("{} were changed at once", done.len()),
    }
}

async fn revoking(app: &TestApp, at: &Acme, filter: InvitationFilter) -> Job {
    job_of(app.vestibule.jobs().start_revoke_matching(&at.scope, &filter).await)
}

async fn resending(app: &TestApp, at: &Acme, filter: InvitationFilter) -> Job {
    job_of(app.vestibule.jobs().start_resend_matching(&at.scope, &filter).await)
}

/// One batch of each organization's jobs.
async fn go_on(app: &TestApp) {
    worker::tick(&app.vestibule).await.unwrap();
}

/// How it ended, and what it did.
async fn end(app: &TestApp, at: &Acme) -> (Option<JobOutcome>, Tally) {
    let jobs = app.vestibule.jobs().current(&at.scope).await.unwrap();
    (jobs[0].end.map(|end| end.outcome), jobs[0].tally)
}

fn done(done: u64) -> Tally {
    Tally { done, ..Tally::default() }
}

async fn status(app: &TestApp, at: &Acme, id: InvitationId) -> Status {
    app.vestibule.invitations().detail(&at.scope, id).await.unwrap().row.status
}

async fn revoked(app: &TestApp, at: &Acme) -> u64 {
    app.vestibule.invitations().page(&at.scope, &any(), None, 1).await.unwrap().counts.of(Status::Revoked).number
}

fn is_unknown<T: std::fmt::Debug>(refused: &Result<T>) -> bool {
    matches!(refused, Err(Error::NotFound(NotFound::Job)))
}

both! {
    async fn all_that_match_are_revoked_and_no_other(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        invites_many(&app, &acme, MANY).await;
        let theirs = app.invites(&other, "person7@example.com").await;
        let grace = app.invites(&acme, "grace@example.com").await;
        let job = revoking(&app, &acme, matching("PERSON")).await;
        assert_eq!((job.total, job.dealt_with(), job.is_over()), (MANY as u64, 0, false));
        app.settle().await;
        assert_eq!(end(&app, &acme).await, (Some(JobOutcome::Done), done(MANY as u64)));
        assert_eq!((status(&app, &acme, grace).await, status(&app, &other, theirs).await), (Status::Pending, Status::Pending));
        assert_eq!(app.facts(&acme, "invitation.revoked").await.len(), MANY, "one event each");
        assert_eq!(app.count("select count(*) from jobs where cast(input as text) like '%PERSON%'").await, 0, "whom it looked for is forgotten");
    }

    async fn what_came_after_the_start_is_not_touched(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, MANY).await;
        revoking(&app, &acme, any()).await;
        app.advance(Duration::seconds(1));
        let late = app.invites(&acme, "late@example.com").await;
        app.settle().await;
        assert_eq!((revoked(&app, &acme).await, status(&app, &acme, late).await), (MANY as u64, Status::Pending));
    }

    async fn another_instance_goes_on_where_one_has_stopped(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, MANY).await;
        revoking(&app, &acme, any()).await;
        go_on(&app).await;
        assert_eq!((revoked(&app, &acme).await, end(&app, &acme).await), (BATCH, (None, done(BATCH))));
        app.restarted(true).await.settle().await;
        assert_eq!(end(&app, &acme).await, (Some(JobOutcome::Done), done(MANY as u64)));
        assert_eq!(app.facts(&acme, "invitation.revoked").await.len(), MANY, "each once");
    }

    async fn a_resend_sends_each_a_new_link_once(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, MANY).await;
        app.settle().await;
        let before = app.mail.messages().len();
        app.advance(Duration::days(8));
        // an invitee who was invited again is left alone
        let again = app.invites(&app.enter("acme", &acme.owner).await, "person3@example.com").await;
        let acme = app.enter("acme", &acme.owner).await;
        let job = resending(&app, &acme, InvitationFilter { status: Some(Status::Expired), ..any() }).await;
        assert_eq!(job.total, MANY as u64);
        app.settle().await;
        assert_eq!(end(&app, &acme).await, (Some(JobOutcome::Done), Tally { closed: 1, ..done(MANY as u64 - 1) }));
        assert_eq!(app.mail.messages().len() - before, MANY, "and the one of the new invitation");
        assert_eq!(app.invitation(&acme, again).await.generation, 1);
        assert_eq!(app.facts(&acme, "invitation.resent").await.len(), MANY - 1);
    }

    async fn a_cancelled_job_stops_and_says_how_many_were_done(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, MANY).await;
        let job = revoking(&app, &acme, any()).await;
        app.vestibule.jobs().dismiss(&acme.scope, job.id).await.unwrap();
        assert_eq!(end(&app, &acme).await, (None, done(0)), "only what is over can be dismissed");
        go_on(&app).await;
        let cancelled = app.vestibule.jobs().cancel(&acme.scope, job.id).await.unwrap();
        app.settle().await;
        assert_eq!((revoked(&app, &acme).await, end(&app, &acme).await), (BATCH, (Some(JobOutcome::Cancelled), done(BATCH))));
        assert_eq!(app.vestibule.jobs().cancel(&acme.scope, job.id).await.unwrap(), cancelled, "again");
        app.vestibule.jobs().dismiss(&acme.scope, job.id).await.unwrap();
        assert_eq!(app.vestibule.jobs().current(&acme.scope).await.unwrap(), []);
        assert!(is_unknown(&app.vestibule.jobs().cancel(&acme.scope, job.id).await));
    }

    async fn whoever_loses_the_permission_does_not_go_on(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan", "admin").await;
        invites_many(&app, &acme, MANY).await;
        revoking(&app, &joan, any()).await;
        go_on(&app).await;
        let edit = MemberEdit { role_ids: Some(vec![app.role(&acme, "member").await]), ..MemberEdit::default() };
        app.vestibule.members().edit(&acme.scope, joan.member_id(), &edit).await.unwrap();
        app.settle().await;
        assert_eq!(end(&app, &joan).await, (Some(JobOutcome::NotPermitted), done(BATCH)));
        assert_eq!(revoked(&app, &acme).await, BATCH);
    }

    async fn whoever_has_left_does_not_go_on(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan", "admin").await;
        invites_many(&app, &acme, MANY).await;
        revoking(&app, &joan, any()).await;
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        app.settle().await;
        assert_eq!(revoked(&app, &acme).await, 0);
        assert_eq!(app.count("select count(*) from jobs where outcome = 'not_permitted'").await, 1);
    }

    async fn what_is_closed_meanwhile_or_gives_too_much_is_counted(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan", "admin").await;
        invites_many(&app, &acme, MANY).await;
        let owner = app.invites_as(&acme, "owner@example.com", "owner").await;
        let last = app.invites(&acme, "last@example.com").await;
        let job = revoking(&app, &joan, any()).await;
        assert_eq!(job.total, MANY as u64 + 2);
        app.vestibule.invitations().revoke(&acme.scope, last).await.unwrap();
        app.settle().await;
        let tally = Tally { done: MANY as u64, closed: 1, forbidden: 1, ..Tally::default() };
        assert_eq!(end(&app, &joan).await, (Some(JobOutcome::Done), tally));
        assert_eq!(status(&app, &acme, owner).await, Status::Pending);
    }

    async fn what_was_resent_too_often_is_counted_and_the_others_go_on(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, MANY).await;
        let often = app.invites(&acme, "often@example.com").await;
        while app.vestibule.invitations().resend(&acme.scope, often).await.is_ok() {}
        resending(&app, &acme, any()).await;
        app.settle().await;
        let tally = Tally { limited: 1, ..done(MANY as u64) };
        assert_eq!(end(&app, &acme).await, (Some(JobOutcome::Done), tally));
    }

    async fn an_organization_has_three_jobs_at_most(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        invites_many(&app, &acme, MANY).await;
        invites_many(&app, &other, MANY).await;
        for _ in 0..3 {
            revoking(&app, &acme, any()).await;
        }
        let refused = app.vestibule.jobs().start_revoke_matching(&acme.scope, &any()).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Job(JobConflict::TooMany)))), "{refused:?}");
        revoking(&app, &other, any()).await;
        app.settle().await;
        assert_eq!(app.facts(&acme, "invitation.revoked").await.len(), MANY, "of three jobs for the same each is done once");
        assert_eq!(app.vestibule.jobs().current(&acme.scope).await.unwrap().len(), 3);
        app.advance(TOLD_FOR);
        assert_eq!(app.vestibule.jobs().current(&acme.scope).await.unwrap(), []);
        worker::prune(&app.vestibule).await.unwrap();
        assert_eq!(app.count("select count(*) from jobs").await, 0);
    }

    async fn organizations_go_on_side_by_side(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        invites_many(&app, &acme, MANY).await;
        invites_many(&app, &other, MANY).await;
        revoking(&app, &acme, any()).await;
        revoking(&app, &acme, any()).await;
        revoking(&app, &other, any()).await;
        go_on(&app).await;
        assert_eq!((revoked(&app, &acme).await, revoked(&app, &other).await), (BATCH, BATCH));
    }

    async fn a_few_are_changed_at_once_and_can_be_taken_back(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, 3).await;
        let scope = acme.scope.clone().undoable(app.vestibule.now());
        let started = app.vestibule.jobs().start_revoke_matching(&scope, &matching("person")).await.unwrap();
        let Started::AtOnce(outcomes) = started else { panic!("{started:?}") };
        assert_eq!((Tally::of(&outcomes), revoked(&app, &acme).await), (done(3), 3));
        let undone = app.vestibule.invitations().undo(&scope, scope.act().unwrap()).await.unwrap();
        assert_eq!((undone.count(UndoOutcome::Done), revoked(&app, &acme).await), (3, 0));
        let nothing = app.vestibule.jobs().start_revoke_matching(&scope, &matching("nobody")).await;
        assert!(matches!(nothing, Err(Error::Conflict(Conflict::Job(JobConflict::NothingMatches)))), "{nothing:?}");
        let closed = InvitationFilter { status: Some(Status::Accepted), ..any() };
        assert!(app.vestibule.jobs().start_revoke_matching(&scope, &closed).await.is_err());
    }

    async fn nobody_else_sees_or_cancels_it(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let joan = app.joins(&acme, "joan@example.com", "Joan", "owner").await;
        let alan = app.joins(&acme, "alan@example.com", "Alan", "member").await;
        invites_many(&app, &acme, MANY).await;
        let job = revoking(&app, &acme, any()).await;
        for stranger in [&joan, &other] {
            assert_eq!(app.vestibule.jobs().current(&stranger.scope).await.unwrap(), []);
            assert!(is_unknown(&app.vestibule.jobs().cancel(&stranger.scope, job.id).await));
            assert!(is_unknown(&app.vestibule.jobs().dismiss(&stranger.scope, job.id).await));
        }
        assert!(matches!(app.vestibule.jobs().start_revoke_matching(&alan.scope, &any()).await, Err(Error::Forbidden(_))));
        let program = app.vestibule.enter_as_operator("acme").await.unwrap();
        assert!(app.vestibule.jobs().start_revoke_matching(&program, &any()).await.is_err(), "only a person has jobs");
        app.settle().await;
        assert_eq!(end(&app, &acme).await, (Some(JobOutcome::Done), done(MANY as u64)));
    }

    async fn an_erasure_ends_what_looks_for_somebody(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, MANY).await;
        revoking(&app, &acme, any()).await;
        revoking(&app, &acme, matching("@example.com")).await;
        app.vestibule.erasure().erase(&acme.scope, "person5@example.com").await.unwrap();
        app.settle().await;
        let jobs = app.vestibule.jobs().current(&acme.scope).await.unwrap();
        let outcomes: Vec<_> = jobs.iter().map(|job| job.end.unwrap().outcome).collect();
        assert_eq!(outcomes, [JobOutcome::Erased, JobOutcome::Done]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resend_leaves_half_of_the_hour_to_everybody_else() {
    for database in [Database::Sqlite, Database::Postgres] {
        let settings = Box::new(|settings: &mut vestibule_core::service::Settings| settings.invitations_per_hour = 200);
        let app = TestApp::with(Setup { database, settings, ..Setup::default() }).await;
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, 70).await;
        app.advance(Duration::hours(1));
        resending(&app, &acme, any()).await;
        app.settle().await;
        let jobs = app.vestibule.jobs().current(&acme.scope).await.unwrap();
        assert_eq!((jobs[0].tally, jobs[0].waits(app.vestibule.now())), (done(70), false));
        // two batches take the half, and then people can still invite
        invites_many_more(&app, &acme, 60).await;
        resending(&app, &acme, any()).await;
        app.settle().await;
        let waiting = app.vestibule.jobs().current(&acme.scope).await.unwrap().remove(0);
        assert!(waiting.waits(app.vestibule.now()) && !waiting.is_over(), "{waiting:?}");
        app.advance(Duration::seconds(1));
        app.invites(&acme, "urgent@example.com").await;
        while !app.vestibule.jobs().current(&acme.scope).await.unwrap()[0].is_over() {
            app.advance(Duration::minutes(5));
            app.settle().await;
        }
        assert_eq!(end(&app, &acme).await, (Some(JobOutcome::Done), done(130)));
    }
}

async fn invites_many_more(app: &TestApp, at: &Acme, count: usize) {
    let many: Vec<String> = (0..count).map(|n| format!("more{n}@example.com")).collect();
    let invite = app.invite(at, &many.join("\n"), "member").await;
    app.vestibule.invitations().invite(&at.scope, &invite).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_at_once_do_each_row_once() {
    let one = TestApp::on(Database::Postgres).await;
    let acme = one.organization("Acme").await;
    invites_many(&one, &acme, 300).await;
    let two = one.sibling().await;
    revoking(&one, &acme, any()).await;
    tokio::join!(one.settle(), two.settle());
    assert_eq!(end(&one, &acme).await, (Some(JobOutcome::Done), done(300)));
    assert_eq!(one.facts(&acme, "invitation.revoked").await.len(), 300);
}
