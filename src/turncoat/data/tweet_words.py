"""What contractions and slang of tweets stand for. Keys are lower-case; no value holds a key."""

from __future__ import annotations

from collections.abc import Mapping

# Contractions with a form of their own; endings that keep the word before them are in ENDINGS.
CONTRACTIONS: Mapping[str, str] = {
    "ain't": "is not", "can't": "cannot", "won't": "will not", "shan't": "shall not", "let's": "let us",
    "y'all": "you all",
    # "'s" is "is" after these words only: elsewhere it is mostly a possessive
    "it's": "it is", "that's": "that is", "what's": "what is", "who's": "who is", "where's": "where is",
    "when's": "when is", "how's": "how is", "there's": "there is", "here's": "here is", "he's": "he is",
    "she's": "she is", "everything's": "everything is", "nothing's": "nothing is",
    # written without the apostrophe, where no other word is spelled so
    "aint": "is not", "arent": "are not", "couldnt": "could not", "didnt": "did not", "doesnt": "does not",
    "dont": "do not", "hadnt": "had not", "hasnt": "has not", "havent": "have not", "havnt": "have not",
    "isnt": "is not", "mustnt": "must not", "shouldnt": "should not", "wasnt": "was not", "werent": "were not",
    "wouldnt": "would not", "cant": "cannot", "wont": "will not", "im": "i am", "ive": "i have",
    "youre": "you are", "youve": "you have", "youll": "you will", "theyre": "they are", "theyve": "they have",
    "theyll": "they will", "weve": "we have", "thats": "that is", "whats": "what is", "theres": "there is",
    "heres": "here is", "hes": "he is", "shes": "she is", "yall": "you all", "itll": "it will",
}  # fmt: skip

# "n't" follows only these; "'d" is read as "would", which it is more often than "had".
NEGATED = frozenset(
    [
        "are", "could", "did", "do", "does", "had", "has", "have", "is", "might", "must", "need", "should", "was",
        "were", "would",
    ]
)  # fmt: skip
ENDINGS: Mapping[str, str] = {"'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "would"}

# Single letters: only in lower case and standing free (not "U.S.", "r&b").
LETTERS: Mapping[str, str] = {"u": "you", "r": "are", "n": "and"}

# Never read so when written in capitals ("BC", "JK", "DEF" are mostly names).
SLANG: Mapping[str, str] = {
    # letters and digits for sounds
    "ur": "your", "urs": "yours", "ya": "you", "em": "them",
    "b4": "before", "gr8": "great", "m8": "mate", "l8r": "later", "2moro": "tomorrow", "2morrow": "tomorrow",
    "2nite": "tonight", "2night": "tonight", "2day": "today", "4ever": "forever", "str8": "straight",
    # shortened words
    "abt": "about", "alot": "a lot", "aswell": "as well", "atleast": "at least", "bc": "because",
    "b/c": "because", "bcuz": "because", "bday": "birthday", "bestie": "best friend", "bf": "boyfriend",
    "bff": "best friend forever", "bro": "brother", "coz": "because", "cuz": "because", "cus": "because",
    "congrats": "congratulations", "def": "definitely", "defo": "definitely", "diff": "different",
    "esp": "especially", "fam": "family", "fav": "favorite", "fave": "favorite", "fb": "facebook", "frm": "from",
    "gf": "girlfriend", "hav": "have", "hv": "have", "hw": "homework", "insta": "instagram", "jus": "just",
    "jst": "just", "lil": "little", "luv": "love", "mins": "minutes", "msg": "message", "nite": "night",
    "nvr": "never", "nxt": "next", "obv": "obviously", "obvs": "obviously", "pic": "picture", "pics": "pictures",
    "pls": "please", "plz": "please", "ppl": "people", "prob": "probably", "probs": "probably",
    "prolly": "probably", "rly": "really", "sis": "sister", "soo": "so", "srsly": "seriously", "tht": "that",
    "thx": "thanks", "thnx": "thanks", "tho": "though", "thru": "through", "tix": "tickets", "tmr": "tomorrow",
    "tmrw": "tomorrow", "tonite": "tonight", "txt": "text", "vid": "video", "vids": "videos", "vs": "versus",
    "wanna": "want to", "wat": "what", "wk": "week", "wknd": "weekend", "wld": "would", "wut": "what",
    "xmas": "christmas", "yr": "year", "yrs": "years", "hrs": "hours", "kno": "know", "dat": "that",
    "dis": "this", "tha": "the", "teh": "the", "gud": "good", "bout": "about",
    "realy": "really", "thier": "their", "wierd": "weird",
    "jk": "just kidding", "atm": "at the moment", "np": "no problem", "rn": "right now", "bae": "darling",
    "ily": "i love you", "w/": "with", "w/o": "without",
    # words run together, and "-in" for "-ing"
    "gonna": "going to", "gunna": "going to", "gotta": "got to", "gimme": "give me", "lemme": "let me",
    "kinda": "kind of", "sorta": "sort of", "lotta": "lot of", "outta": "out of", "dunno": "do not know",
    "ima": "i am going to", "imma": "i am going to", "tryna": "trying to", "finna": "going to",
    "whatcha": "what are you", "gotcha": "got you", "coulda": "could have", "shoulda": "should have",
    "woulda": "would have", "goin": "going", "doin": "doing", "bein": "being", "comin": "coming", "nothin": "nothing",
    "somethin": "something",
}  # fmt: skip

INITIALS: Mapping[str, str] = {  # in any case
    "lol": "laughing out loud", "lmao": "laughing", "lmfao": "laughing", "rofl": "laughing", "omg": "oh my god",
    "omfg": "oh my god", "idk": "i do not know", "idc": "i do not care", "tbh": "to be honest",
    "imo": "in my opinion", "imho": "in my opinion", "btw": "by the way", "smh": "shaking my head",
    "wtf": "what the fuck", "wth": "what the hell", "fyi": "for your information", "asap": "as soon as possible",
    "brb": "be right back", "ttyl": "talk to you later",
    "ilysm": "i love you so much", "nvm": "never mind", "irl": "in real life",
    "hmu": "contact me", "tgif": "thank god it is friday", "tbt": "throwback thursday",
    "ftw": "for the win", "fml": "fuck my life", "ikr": "i know right",
}  # fmt: skip
