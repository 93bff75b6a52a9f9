    let mut port: u16 = 0;
    if let Ok(text) = env::var("APP_PORT") {
        let Ok(number) = text.trim().parse::<u16>() else {
            anyhow::bail!("{text:?} is not a port; set APP_PORT to a number from 0 to 65535");
        };
        port = number;
    }
    let folder = sessions.join(port.to_string()).join("sessions");
