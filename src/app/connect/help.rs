//! What a client's errors mean, by the status codes that all vendors' APIs use.

use leptos::prelude::*;

#[component]
pub fn Help() -> impl IntoView {
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"If it doesn’t work"</h2></div>
            <div class="panel__body">
                <dl class="facts">
                    <div>
                        <dt>"401"</dt>
                        <dd>"The key is wrong, expired or revoked, or is for another organization or another API."</dd>
                    </div>
                    <div>
                        <dt>"403"</dt>
                        <dd>"The key isn’t allowed to do this, or to give that role."</dd>
                    </div>
                    <div>
                        <dt>"429"</dt>
                        <dd>"Too many requests: wait as long as " <code>"Retry-After"</code> " says."</dd>
                    </div>
                </dl>
            </div>
        </section>
    }
    .into_any()
}
