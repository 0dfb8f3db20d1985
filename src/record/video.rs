//! Addresses of videos: which are of the same video, and the address of a second in one.

/// Hosts of YouTube.
const YOUTUBE: &[&str] = &["youtube.com", "youtube-nocookie.com", "youtu.be"];
/// What YouTube's ids are made of, and how many signs they have.
const ID_BYTES: usize = 11;
/// What stands before an id in a path.
const ID_FOLDERS: &[&str] = &["embed", "v", "shorts", "live", "video", "videos"];

/// The same for all addresses of one video; null for what is no address.
///
/// ```
/// use hallway::record::video::name;
/// assert_eq!(name("https://youtu.be/abcdefghijk?t=3"), name("http://www.youtube.com/watch?v=abcdefghijk&list=x"));
/// ```
#[must_use]
pub fn name(url: &str) -> Option<String> {
    let (host, path, query) = parts(url)?;
    let mut folders = path.split('/').filter(|part| !part.is_empty());
    if YOUTUBE.contains(&host.as_str()) {
        let in_query = query.split('&').find_map(|pair| pair.strip_prefix("v="));
        let id = in_query.or_else(|| folders.find(|part| !ID_FOLDERS.contains(part)));
        return id.filter(|id| is_youtube_id(id)).map(|id| format!("youtube:{id}"));
    }
    if host == "vimeo.com" || host == "player.vimeo.com" {
        let id = folders.find(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        return id.map(|id| format!("vimeo:{id}"));
    }
    let path = path.trim_matches('/');
    (!path.is_empty()).then(|| format!("{host}/{path}{}{query}", if query.is_empty() { "" } else { "?" }))
}

/// The address at which the video is shown from this second on.
#[must_use]
pub fn at(url: &str, second: u32) -> String {
    let url = url.trim();
    let bare = url.split('#').next().unwrap_or(url);
    let is_youtube = parts(url).is_some_and(|(host, ..)| YOUTUBE.contains(&host.as_str()));
    if !is_youtube {
        return format!("{bare}#t={second}");
    }
    let (path, query) = bare.split_once('?').unwrap_or((bare, ""));
    let kept =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("t=") && !pair.starts_with("start="));
    let mut pairs: Vec<String> = kept.map(str::to_owned).collect();
    pairs.push(format!("t={second}s"));
    format!("{path}?{}", pairs.join("&"))
}

/// The page of a video of YouTube's.
#[must_use]
pub fn youtube(id: &str) -> String {
    format!("https://www.youtube.com/watch?v={id}")
}

/// The page of a video of Vimeo's.
#[must_use]
pub fn vimeo(id: &str) -> String {
    format!("https://vimeo.com/{id}")
}

/// Whether a text has the form of YouTube's ids; so have words of eleven letters, of which one stands for a list.
#[must_use]
pub fn is_youtube_id(text: &str) -> bool {
    text != "videoseries"
        && text.len() == ID_BYTES
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// `1:02:03`, `2:03`.
#[must_use]
pub fn clock(second: u32) -> String {
    let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The host in small letters and without `www.` or `m.`, the path, and the query without its sign.
fn parts(url: &str) -> Option<(String, &str, &str)> {
    let (scheme, rest) = url.trim().split_once("://")?;
    if !["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)) {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or(rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(&host);
    (!host.is_empty()).then(|| (host.to_owned(), path, query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_video_have_one_name() {
        for (url, expected) in [
            ("https://www.youtube.com/watch?v=ab-DE_12345&t=83s", Some("youtube:ab-DE_12345")),
            ("https://www.youtube.com/watch?list=x&v=ab-DE_12345", Some("youtube:ab-DE_12345")),
            ("http://youtu.be/ab-DE_12345?t=3", Some("youtube:ab-DE_12345")),
            ("https://m.youtube.com/live/ab-DE_12345", Some("youtube:ab-DE_12345")),
            ("https://www.youtube-nocookie.com/embed/ab-DE_12345#x", Some("youtube:ab-DE_12345")),
            ("https://www.youtube.com/playlist?list=x", None),
            ("https://vimeo.com/123456", Some("vimeo:123456")),
            ("https://player.vimeo.com/video/123456?h=x", Some("vimeo:123456")),
            ("https://video.example/2016/talk.mp4/", Some("video.example/2016/talk.mp4")),
            ("https://video.example/watch?id=7", Some("video.example/watch?id=7")),
            ("https://video.example/", None),
            ("talk.mp4", None),
        ] {
            assert_eq!(name(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_second_has_an_address() {
        for (url, expected) in [
            ("https://www.youtube.com/watch?v=ab-DE_12345", "https://www.youtube.com/watch?v=ab-DE_12345&t=83s"),
            ("https://www.youtube.com/watch?v=ab-DE_12345&t=1s#x", "https://www.youtube.com/watch?v=ab-DE_12345&t=83s"),
            ("https://youtu.be/ab-DE_12345", "https://youtu.be/ab-DE_12345?t=83s"),
            ("https://vimeo.com/123456", "https://vimeo.com/123456#t=83"),
            ("https://video.example/talk.mp4#t=5", "https://video.example/talk.mp4#t=83"),
        ] {
            assert_eq!(at(url, 83), expected);
        }
        assert_eq!([clock(5), clock(83), clock(3723)], ["0:05", "1:23", "1:02:03"]);
    }
}
