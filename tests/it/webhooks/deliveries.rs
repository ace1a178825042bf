//! What is sent, to whom, and how it is signed.

use super::{Receiver, actions, body, header, signature};
use chrono::Duration;
use vestibule_domain::webhook::WebhookDeliveryState;

both! {
    async fn each_endpoint_hears_what_it_asked_for_signed(app) {
        let acme = app.organization("Acme").await;
        let other = app.beside(&acme, "Other").await;
        let (all, accepted, strange) = (Receiver::new().await, Receiver::new().await, Receiver::new().await);
        let (_, secret) = app.webhook(&acme, &all.url, &[]).await;
        app.webhook(&acme, &accepted.url, &["invitation.accepted"]).await;
        app.webhook(&other, &strange.url, &["invitation.accepted"]).await;
        app.joins(&acme, "grace@example.com", "Grace Okafor", "member").await;
        app.settle().await;

        assert_eq!(actions(&accepted), ["invitation.accepted"]);
        assert_eq!(actions(&strange), [""; 0]);
        let heard = actions(&all);
        for action in ["webhook.created", "invitation.created", "invitation.sent", "invitation.opened", "invitation.accepted", "member.added"] {
            assert_eq!(heard.iter().filter(|heard| *heard == action).count(), 1 + usize::from(action == "webhook.created"), "{action} in {heard:?}");
        }
        let events = app.vestibule.feed().events(&acme.scope, 0, 100).await.unwrap();
        for request in all.requests() {
            let told = body(&request);
            let event = events.iter().find(|event| event.id.to_string() == header(&request, "webhook-id")).unwrap();
            assert_eq!(told["type"], event.fact.action());
            assert_eq!(told["data"]["number"], event.number);
            assert_eq!(told["organization_id"], acme.scope.organization().id.to_string());
            assert_eq!(header(&request, "content-type"), "application/json");
            assert_eq!(header(&request, "webhook-timestamp"), app.vestibule.now().timestamp().to_string());
            assert_eq!(header(&request, "webhook-signature"), signature(&secret, &request));
            assert!(request.body.len() < 20_000);
            let text = String::from_utf8(request.body.to_vec()).unwrap();
            assert!(!text.contains("vst_") && !text.contains("whsec_") && !text.contains("/i/"), "{text}");
        }
    }

    async fn for_a_day_both_secrets_sign(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::new().await;
        let (endpoint, old) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        let (_, new) = app.vestibule.webhook_endpoints().rotate(&acme.scope, endpoint.id).await.unwrap();
        let new = new.text();
        assert_ne!(old, new);
        for email in ["joan@example.com", "alan@example.com"] {
            app.invites(&acme, email).await;
            app.settle().await;
            app.advance(Duration::hours(24));
        }
        let requests = receiver.requests();
        let both = format!("{} {}", signature(&new, &requests[0]), signature(&old, &requests[0]));
        assert_eq!(header(&requests[0], "webhook-signature"), both);
        assert_eq!(header(&requests[1], "webhook-signature"), signature(&new, &requests[1]));
    }

    async fn a_replay_has_the_same_id_and_body_and_a_new_time(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::new().await;
        let (endpoint, secret) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        let delivery = app.deliveries(&acme, &endpoint).await.remove(0);
        assert_eq!((delivery.state, delivery.attempts), (WebhookDeliveryState::Delivered, 1));
        app.advance(Duration::days(2));
        app.vestibule.webhook_deliveries().replay(&acme.scope, delivery.id).await.unwrap();
        let twice = app.vestibule.webhook_deliveries().replay(&acme.scope, delivery.id).await;
        assert!(twice.is_err(), "it is on its way already");
        app.settle().await;
        let requests = receiver.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].body, requests[1].body);
        assert_eq!(header(&requests[0], "webhook-id"), header(&requests[1], "webhook-id"));
        let time = |n: usize| header(&requests[n], "webhook-timestamp").parse::<i64>().unwrap();
        assert_eq!(time(1) - time(0), 2 * 86_400);
        assert_eq!(header(&requests[1], "webhook-signature"), signature(&secret, &requests[1]));
        assert_eq!(app.attempts(&acme, delivery.id).await.len(), 2);
    }

    async fn finished_deliveries_are_kept_for_a_month(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::new().await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        app.advance(Duration::days(30) - Duration::seconds(1));
        vestibule_core::worker::prune(&app.vestibule).await.unwrap();
        assert_eq!(app.deliveries(&acme, &endpoint).await.len(), 1);
        app.advance(Duration::seconds(1));
        vestibule_core::worker::prune(&app.vestibule).await.unwrap();
        assert_eq!(app.deliveries(&acme, &endpoint).await.len(), 0);
    }

    async fn what_was_on_its_way_to_a_deleted_endpoint_is_gone(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::new().await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &[]).await;
        app.invites(&acme, "joan@example.com").await;
        app.vestibule.webhook_endpoints().delete(&acme.scope, endpoint.id).await.unwrap();
        app.settle().await;
        assert_eq!(receiver.requests().len(), 0);
    }
}
