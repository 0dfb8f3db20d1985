//! SYNTAX, the table of the query language: `docs/query.md` and the help say what it says.

/// One thing that can be written in a query.
#[derive(Debug)]
pub struct Syntax {
    /// How it is written.
    pub write: &'static str,
    pub finds: &'static str,
    /// A whole query that uses it.
    pub example: &'static str,
}

/// Everything that is more than text.
pub const SYNTAX: &[Syntax] = &[
    Syntax {
        write: "word word",
        finds: "records about all of them, in any form of the words",
        example: "ebpf tracing",
    },
    Syntax { write: "\"a phrase\"", finds: "the words next to each other", example: "\"native histograms\"" },
    Syntax {
        write: "\"near words\"~3",
        finds: "the words with at most so many others between them",
        example: "\"latency SLOs\"~3",
    },
    Syntax { write: "a OR b", finds: "either", example: "ebpf OR dtrace" },
    Syntax { write: "a AND b", finds: "both, as without AND", example: "ebpf AND kernel" },
    Syntax { write: "NOT a, -a", finds: "records without it", example: "incident NOT security" },
    Syntax {
        write: "(a OR b) c",
        finds: "what the group says, together with the rest",
        example: "(slo OR sli) latency",
    },
    Syntax { write: "begin*", finds: "words that begin so", example: "kube*" },
    Syntax {
        write: "word~, word~1, word~2",
        finds: "words that differ in 1 or 2 letters; without a number in 1, and from 6 letters on in 2",
        example: "kubernets~",
    },
    Syntax {
        write: "/pattern/",
        finds: "words that match a regular expression from end to end, whatever their case",
        example: "/kube.*|k8s/",
    },
    Syntax { write: "field:word", finds: "the word in a field", example: "title:dns" },
    Syntax { write: "field:\"a phrase\"", finds: "the phrase in a field", example: "conference:\"SREcon23 EMEA\"" },
    Syntax {
        write: "field:(a OR b)",
        finds: "each word of the group in that field",
        example: "title:(dns OR latency)",
    },
    Syntax {
        write: "field:begin*, field:word~, field:/pattern/",
        finds: "such words in a field",
        example: "speaker:bj* title:/histogram.?/",
    },
    Syntax {
        write: "year:2016..2023",
        finds: "years from one to the other, both included; either may be left off",
        example: "slo year:2016..2019",
    },
    Syntax {
        write: "date:2023-10..2023-12-24",
        finds: "days from one to the other, both included; each may be a day, a month or a year, and be left off",
        example: "ebpf date:2023-10..",
    },
    Syntax { write: "date:2023-10", finds: "one day, month or year", example: "date:2019-02" },
    Syntax {
        write: "has:video",
        finds: "records that have one, or slides, an abstract, a transcript",
        example: "ebpf has:video",
    },
    Syntax {
        write: "word^2",
        finds: "the same, with more weight for the order, or less (^0.5); behind words, quotes and groups",
        example: "ebpf^3 OR \"system calls\" OR (kernel tracing)^0.5",
    },
    Syntax { write: "\\", finds: "the sign behind it as text, and \\NOT, \\AND, \\OR as words", example: "\\NOT ebpf" },
];
