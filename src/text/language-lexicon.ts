/**
 * Function words and telling letters of the languages an Afghan desk meets. Written for this project from the
 * grammars; a word stands under a language only where it is common there and rare in its neighbours.
 */
export const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  fas: 'از به که را در این آن است برای با تا یا هر نیز بود شد شود شده باشد دارد خود ها های می اند هم اگر بر پس چون ولی اما ما من شما کرد کرده',
  prs: 'ولسوالی ولایت څارنوالی پوهنتون شفاخانه افغانی جلالتمآب څارنوال ولسوال',
  pus: 'د په چې او له څخه سره کې کښې يې یې دی ده دي وي شي ته دغه هغه نه هر باید خپل تر پر لري کړي شوي کول کېږي کيږي بل ټولو',
  urd: 'کے کی کا ہے ہیں اور سے میں کو نے پر یہ وہ نہیں کہ تھا تھے گا گی ہو اس ان بھی ایک کرنے جو جائے ہر شخص اپنے',
  ara: 'في من على أن إلى عن التي الذي هذا هذه لا ما كل ولا أو قد كان لم بين مع أي ذلك لكل وفي ومن وعلى وكل هو هي',
  uig: 'ۋە بۇ بىر ھەر ئۇ بىلەن ئۈچۈن ياكى كېرەك ھەم قىلىش ئىگە بولۇش ھەممە كىشىلەر ئادەم ھوقۇق شۇ ئەمەس ئۆز',
  kur: 'لە بۆ بە کە ئەم هەر کردن نییە دەبێ ئەو هەموو مافی',
  tgk: 'ва дар аз ба ки барои ё ин он ҳар бо як аст буда карда мешавад худ набояд ҳуқуқ дорад ҳама шахс инсон',
  uzn: 'ва билан учун ҳар бир бўлган эга шахс ҳуқуқ бу унинг ҳам ёки каби лозим va bilan uchun har bir boʻlgan ega shaxs huquq bu uning ham yoki kabi lozim yo‘l emas hamda inson ega',
  rus: 'и в на с по не что как для это или от к из за его при он она они быть каждый человек право имеет без должен',
  ukr: 'і в на що та з до не або це для кожна має право від його які',
  kaz: 'және бір мен үшін бұл болып құқығы адам әр керек',
  kir: 'жана бир менен үчүн бул болуп укугу адам ар керек',
  tuk: 'we hem bilen üçin bir her bu öz adamyň hukugy ýa-da şeýle bolmak hakyna haklydyr hukuklydyr gerek',
  tur: 've bir bu için ile her de da olan olarak veya hakkı şahıs vardır hakkına kendi',
  eng: 'the of and to in a is that for on with as by are be this was it or from has shall everyone not have his which at an',
  fra: 'le la les de des du et à un une en que qui dans pour sur est au par il ne pas tout toute ou son sa ses aux toute personne droit',
  deu: 'der die das und ist von zu den in mit auf für ein eine nicht des dem im oder auch werden jeder hat recht',
  spa: 'el la los las de y en que a un una por con para es su se del al o tiene derecho toda persona',
}

/** Letters that only (or nearly only) one language of its script uses, and how much one of them tells. */
export const TELLING_LETTERS: readonly (readonly [string, RegExp, number])[] = [
  ['pus', /[ټډړږښڼځڅۍګ]/gu, 4],
  ['urd', /[ٹڈڑےںھہ]/gu, 2],
  ['uig', /[ۇۆۈۋې]|ئ[اەىوۇۆۈې]|[ڭە](?=[\u0600-\u06ff])/gu, 2],
  ['kur', /[ڕڵێ]|[ۆ](?=\S*[ڵێ])/gu, 3],
  ['ara', /[ةىأإ](?![ۇۆ])|(?<![\u0600-\u06ff])ال/gu, 1],
  ['fas', /[پچژگ]|ی|ک/gu, 0.2],
  ['tgk', /[ҷӣӯ]/gu, 4],
  ['uzn', /ў|[oOgG][ʻ‘’'](?=\p{L})/gu, 4],
  ['tgk', /[ҳқғ]/gu, 0.5],
  ['uzn', /[ҳқғ]/gu, 0.5],
  ['kaz', /[әңөұүһі]/gu, 1],
  ['kir', /[ңөү]/gu, 0.8],
  ['ukr', /[їєґі]/gu, 2],
  ['rus', /ы|щ|ъ/gu, 0.6],
  ['tuk', /[ňžýä]/gu, 1],
  ['tur', /[ığ]/gu, 0.8],
  ['fra', /[àâêîôûçœ]|é|è/gu, 0.6],
  ['deu', /[ß]|[äöü]/gu, 0.6],
  ['spa', /ñ|[áíóú]/gu, 0.5],
]
