//! What the portal says of an address that is to be looked at twice.

both! {
    async fn an_address_that_mixes_alphabets_is_shown_for_what_it_is(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = app.invites(&acme, "grace@p\u{430}ypal.com").await;
        app.invites(&acme, "joan@b\u{fc}cher.example").await;
        let list = ada.get("/o/acme/invitations").await;
        assert!(list.text.contains("@xn--pypal-4ve"), "as mail servers know it: {}", list.text);
        let warning = "Mixes alphabets, and reads <bdi>p\u{430}ypal.com</bdi>";
        assert_eq!(list.text.matches("Mixes alphabets").count(), 1, "{}", list.text);
        for page in [list, ada.get(&format!("/o/acme/invitations/{id}")).await] {
            assert!(page.text.contains(warning), "{}", page.text);
        }
    }
}
