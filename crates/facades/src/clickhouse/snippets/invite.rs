use clickhouse_cloud_api::{Client, models::InvitationPostRequest};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var("KEY_SECRET")?;
    let client = Client::with_base_url("{{base_url}}", "{{key_id}}", secret);

    let email = std::env::args().nth(1).ok_or("whom to invite?")?;
    let new = InvitationPostRequest { email, ..Default::default() };
    let made = client.invitation_create("{{organization_id}}", &new).await?;
    println!("{:?}", made.result);
    Ok(())
}
