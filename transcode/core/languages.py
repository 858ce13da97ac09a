"""Languages of sound tracks: ISO 639-2 as containers write it, to BCP 47 as playlists want it, and an English name."""

from __future__ import annotations

import re

# BCP 47 = name = what containers write for it (ISO 639-2/T and /B, and parts of macrolanguages), after CLDR.
_LANGUAGES = """
aa=Afar=aar ab=Abkhazian=abk ae=Avestan=ave af=Afrikaans=afr ak=Akan=aka/fat/twi am=Amharic=amh an=Aragonese=arg
ar=Arabic=ara/arb as=Assamese=asm av=Avaric=ava ay=Aymara=aym/ayr az=Azerbaijani=aze/azj ba=Bashkir=bak
be=Belarusian=bel bg=Bulgarian=bul bi=Bislama=bis bm=Bambara=bam bn=Bangla=ben bo=Tibetan=bod/tib br=Breton=bre
bs=Bosnian=bos ca=Catalan=cat ce=Chechen=che ch=Chamorro=cha co=Corsican=cos cr=Cree=cre/cwd cs=Czech=ces/cze
cu=Church_Slavic=chu cv=Chuvash=chv cy=Welsh=cym/wel da=Danish=dan de=German=deu/ger dv=Divehi=div dz=Dzongkha=adp/dzo
ee=Ewe=ewe el=Greek=ell/gre en=English=eng eo=Esperanto=epo es=Spanish=spa et=Estonian=ekk/est eu=Basque=baq/eus
fa=Persian=drw/fas/per/pes/prs/tnf ff=Fula=fuc/ful fi=Finnish=fin fil=Filipino=fil fj=Fijian=fij fo=Faroese=fao
fr=French=fra/fre fy=Western_Frisian=fry ga=Irish=gle gd=Scottish_Gaelic=gla gl=Galician=glg gn=Guarani=grn/gug
gsw=Swiss_German=gsw gu=Gujarati=guj/prp gv=Manx=glv ha=Hausa=hau haw=Hawaiian=haw he=Hebrew=heb hi=Hindi=hin
ho=Hiri_Motu=hmo hr=Croatian=hrv/scr ht=Haitian_Creole=hat hu=Hungarian=hun hy=Armenian=arm/hye hz=Herero=her
ia=Interlingua=ina id=Indonesian=ind ie=Interlingue=ile ig=Igbo=ibo ii=Sichuan_Yi=iii ik=Inupiaq=esk/ipk io=Ido=ido
is=Icelandic=ice/isl it=Italian=ita iu=Inuktitut=ike/iku ja=Japanese=jpn jv=Javanese=jav/jaw ka=Georgian=geo/kat
kg=Kongo=kng/kon ki=Kikuyu=kik kj=Kuanyama=kua kk=Kazakh=kaz kl=Kalaallisut=kal km=Khmer=khm kn=Kannada=kan
ko=Korean=kor kr=Kanuri=kau/knc ks=Kashmiri=kas ku=Kurdish=kmr/kur kv=Komi=kom/kpv kw=Cornish=cor ky=Kyrgyz=kir
la=Latin=lat lb=Luxembourgish=ltz lg=Ganda=lug li=Limburgish=lim ln=Lingala=lin lo=Lao=lao lt=Lithuanian=lit
lu=Luba-Katanga=lub lv=Latvian=lav/lvs mg=Malagasy=mlg/plt mh=Marshallese=mah mi=Māori=mao/mri mk=Macedonian=mac/mkd
ml=Malayalam=mal mn=Mongolian=drh/khk/mon mr=Marathi=mar ms=Malay=may/msa/zsm mt=Maltese=mlt my=Burmese=bur/mya
na=Nauru=nau nb=Norwegian_Bokmål=nob nd=North_Ndebele=nde ne=Nepali=nep/npi ng=Ndonga=ndo nl=Dutch=dut/nld
nn=Norwegian_Nynorsk=nno no=Norwegian=nor nr=South_Ndebele=nbl nv=Navajo=nav ny=Nyanja=nya oc=Occitan=oci
oj=Ojibwa=ojg/oji om=Oromo=gaz/orm or=Odia=ori/ory os=Ossetic=oss pa=Punjabi=pan pi=Pali=pli pl=Polish=pol
ps=Pashto=pbu/pus pt=Portuguese=por qu=Quechua=que/quz rm=Romansh=roh rn=Rundi=run ro=Romanian=mol/ron/rum
ru=Russian=rus rw=Kinyarwanda=kin sa=Sanskrit=cls/san sc=Sardinian=src/srd sd=Sindhi=snd se=Northern_Sami=sme
sg=Sango=sag si=Sinhala=sin sk=Slovak=slk/slo sl=Slovenian=slv sm=Samoan=smo sn=Shona=sna so=Somali=som
sq=Albanian=alb/als/sqi sr=Serbian=cnr/hbs/scc/srp ss=Swati=ssw st=Southern_Sotho=sot su=Sundanese=sun sv=Swedish=swe
sw=Swahili=swa/swc/swh ta=Tamil=tam te=Telugu=tel tg=Tajik=tgk th=Thai=tha ti=Tigrinya=tir tk=Turkmen=tuk
tn=Tswana=tsn to=Tongan=ton tr=Turkish=tur ts=Tsonga=tso tt=Tatar=tat ty=Tahitian=tah ug=Uyghur=uig uk=Ukrainian=ukr
ur=Urdu=urd uz=Uzbek=uzb/uzn ve=Venda=ven vi=Vietnamese=vie vo=Volapük=vol wa=Walloon=wln wo=Wolof=wol xh=Xhosa=xho
yi=Yiddish=ydd/yid yo=Yoruba=yor yue=Cantonese=yue za=Zhuang=zha/zyb zh=Chinese=chi/cmn/zho zu=Zulu=zul
"""
_ROWS = tuple(row.split("=") for row in _LANGUAGES.split())
NAMES = {tag: name.replace("_", " ") for tag, name, _ in _ROWS}
_TAGS = {code: tag for tag, _, codes in _ROWS for code in codes.split("/")}
# Undetermined, several, not in any list, no language at all.
_NONE = ("und", "mul", "mis", "zxx")
_TAG = re.compile(r"([a-z]{2,3})(?:-[a-z]{4})?(?:-([a-z]{2}|[0-9]{3}))?")


def tag_of(written: str) -> str:
    """Return the BCP 47 tag for a language as a container writes it, empty for what is none we know."""
    match = _TAG.fullmatch(written.strip().lower().replace("_", "-"))
    if not match or match[1] in _NONE:
        return ""
    primary = _TAGS.get(match[1], match[1])
    if primary not in NAMES:
        return ""
    return f"{primary}-{match[2].upper()}" if match[2] else primary


def name_of(tag: str) -> str:
    """Return the English name of a tag that `tag_of` gave: `German`, `Portuguese (BR)`."""
    primary, _, region = tag.partition("-")
    return f"{NAMES[primary]} ({region})" if region else NAMES[primary]
