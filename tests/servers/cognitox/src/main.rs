//! Serves cognitox from memory on 127.0.0.1, on a port of the system's choice, which it prints as its only line. Ends
//! when its standard input does, so that it never outlives the test that started it, however that test ended.

use std::io::Read;

use cognitox::{api, config::StorageConfig, jwt, storage::Storage};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    jwt::set_issuer_base_url(url.clone())?;
    let storage = Storage::with_config(StorageConfig::memory())?;
    println!("{url}");
    std::thread::spawn(|| {
        std::io::stdin().bytes().for_each(drop);
        std::process::exit(0);
    });
    axum::serve(listener, api::create_router(storage)).await?;
    Ok(())
}
