//! The default chain, tested through the program, because each process has its own environment and home.

use cognito_signout::fake_cognito::FakeCognito;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::desk::{Desk, SECRET_KEY, SESSION_TOKEN, said};

async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.fake.add_user("ana", "");
    desk
}

/// The access key that signed the last request.
fn signer(fake: &FakeCognito) -> String {
    let request = fake.requests().pop().expect("a request");
    let signature = request.header("authorization").unwrap();
    let credential = signature.split("Credential=").nth(1).unwrap();
    credential.split('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn without_credentials_nothing_is_sent_and_the_output_says_where_they_can_come_from() {
    let desk = desk().await;
    let said = said(desk.program_without_credentials("sign-out ana --json")).await;
    assert_eq!(said.code, Some(4));
    let error = &said.object()["errors"]["credentials"];
    assert_eq!(error["code"], "no_credentials");
    assert!(error["recovery"].as_str().unwrap().contains("AWS_PROFILE"));
    assert!(desk.fake.requests().is_empty());
}

#[tokio::test]
async fn a_profile_has_keys_or_a_process_that_prints_them() {
    let desk = desk().await;
    std::fs::create_dir(desk.path(".aws")).unwrap();
    let printed = json!({ "Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": SECRET_KEY });
    let file = desk.file("printed", &printed.to_string());
    desk.file(
        ".aws/config",
        &format!(
            "[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {SECRET_KEY}\n\
             [profile other]\ncredential_process = /bin/cat {}\n",
            file.display()
        ),
    );
    for (command, expected) in [
        ("sign-out ana --json", "AKIDPROFILE"),
        ("sign-out ana --json --profile other", "AKIDPROCESS"),
    ] {
        let said = said(desk.program_without_credentials(command)).await;
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{}", said.stdout);
        assert_eq!(signer(&desk.fake), expected);
    }
    // A named profile means the profile's account, and not the environment's.
    let sent = desk.fake.requests().len();
    for (profile, expected) in [("other", Some("AKIDPROCESS")), ("nope", None)] {
        let said = said(desk.program(&format!("sign-out ana --json --profile {profile}"))).await;
        let object = said.object();
        match expected {
            Some(expected) => {
                assert_eq!((said.code, signer(&desk.fake).as_str()), (Some(0), expected));
                assert_eq!(object["signer"]["access_key_id_end"], "CESS");
            }
            None => {
                assert_eq!((said.code, desk.fake.requests().len()), (Some(4), sent + 1));
                assert_eq!(object["errors"]["credentials"]["code"], "no_profile");
                assert!(object["errors"]["credentials"]["message"].to_string().contains("nope"));
            }
        }
    }
}

#[tokio::test]
async fn a_container_is_given_its_credentials_over_http() {
    let desk = desk().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/credentials", listener.local_addr().unwrap());
    let given = json!({
        "AccessKeyId": "AKIDCONTAINER",
        "SecretAccessKey": SECRET_KEY,
        "Token": SESSION_TOKEN,
        "Expiration": "2999-01-01T00:00:00Z",
    });
    let body = given.to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let mut program = desk.program_without_credentials("sign-out ana --json");
    program.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    let said = said(program).await;
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    assert_eq!(signer(&desk.fake), "AKIDCONTAINER");
    assert!(server.await.unwrap().starts_with("GET /credentials HTTP/1.1\r\n"));
}
