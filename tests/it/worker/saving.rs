//! The database fails between a server's "250" and our writing it down: nobody gets a second mail for it, and nobody
//! else waits.

use super::{Working, invites_many, mails};
use crate::harness::{TestApp, program::until};
use std::collections::HashSet;
use vestibule_domain::MailState;

/// From now on no mail of which this is true can be written down as sent.
async fn saving_fails(app: &TestApp, when: &str) {
    let sqlite = format!(
        "create trigger no_saving before update of state on mails when new.state = 'sent' and {when}
         begin select raise(abort, 'no saving'); end"
    );
    let postgres = format!(
        "create function no_saving() returns trigger language plpgsql as
         $$ begin if new.state = 'sent' and {when} then raise exception 'no saving'; end if; return new; end $$;
         create trigger no_saving before update of state on mails for each row execute function no_saving()"
    );
    app.execute(if app.is_sqlite() { &sqlite } else { &postgres }).await;
}

async fn saving_works(app: &TestApp) {
    app.execute(if app.is_sqlite() { "drop trigger no_saving" } else { "drop trigger no_saving on mails" }).await;
}

fn distinct(app: &TestApp) -> usize {
    app.mail.messages().into_iter().map(|mail| mail.message_id).collect::<HashSet<_>>().len()
}

both! {
    async fn a_save_that_fails_is_tried_again_and_repeats_nothing(app) {
        let acme = app.organization("Acme").await;
        saving_fails(&app, "new.recipient in ('person3@example.com', 'person17@example.com')").await;
        invites_many(&app, &acme, 30).await;
        let working = Working::begin(&app);
        until("the others", async || mails(&app, &acme, MailState::Sent).await == 28).await;
        // far beyond the lease: who has it in hand knows better than the clock
        app.advance(chrono::Duration::minutes(30));
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert_eq!((app.mail.messages().len(), mails(&app, &acme, MailState::Sent).await), (30, 28));
        saving_works(&app).await;
        until("all", async || mails(&app, &acme, MailState::Sent).await == 30).await;
        working.stop().await;
        app.settle().await;
        assert_eq!((app.mail.messages().len(), distinct(&app)), (30, 30));
        assert_eq!(app.count("select count(*) from events where action = 'invitation.sent'").await, 30);
    }

    async fn while_nothing_can_be_saved_no_more_is_sent_than_has_a_seat(app) {
        let acme = app.organization("Acme").await;
        saving_fails(&app, "1 = 1").await;
        invites_many(&app, &acme, 60).await;
        let working = Working::begin(&app);
        until("what is sent", async || app.mail.messages().len() >= 20).await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert_eq!((app.mail.messages().len(), distinct(&app)), (20, 20));
        saving_works(&app).await;
        until("all", async || mails(&app, &acme, MailState::Sent).await == 60).await;
        working.stop().await;
        assert_eq!((app.mail.messages().len(), distinct(&app)), (60, 60));
    }

    async fn a_lease_that_is_lost_is_found_again(app) {
        let acme = app.organization("Acme").await;
        let fails = if app.is_sqlite() {
            "create trigger no_lease before update of leased_until on mails when new.leased_until is not null
             begin select raise(abort, 'no lease'); end"
        } else {
            "create function no_lease() returns trigger language plpgsql as
             $$ begin if new.leased_until is not null then raise exception 'no lease'; end if; return new; end $$;
             create trigger no_lease before update of leased_until on mails for each row execute function no_lease()"
        };
        app.execute(fails).await;
        invites_many(&app, &acme, 3).await;
        let working = Working::begin(&app);
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        assert!(app.mail.tries().is_empty());
        app.execute(if app.is_sqlite() { "drop trigger no_lease" } else { "drop trigger no_lease on mails" }).await;
        until("all", async || mails(&app, &acme, MailState::Sent).await == 3).await;
        working.stop().await;
        assert_eq!(app.mail.messages().len(), 3);
    }
}
