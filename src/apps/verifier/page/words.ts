import type { FindingCode, StepName, Verdict } from '../../../proof/report.ts'

/** Everything the page says in one language. `#` stands for a position in the log. */
export interface Words {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly page: Readonly<Record<PageText, string>>
  readonly verdicts: Readonly<Record<Verdict | 'UNREADABLE', string>>
  readonly meanings: Readonly<Record<Verdict, string>>
  readonly steps: Readonly<Record<StepName, string>>
  readonly findings: Readonly<Record<FindingCode, string>>
  readonly facts: Readonly<Record<FactName, string>>
  readonly sources: Readonly<Record<'policy' | 'key' | 'certificate', string>>
}

export type PageText =
  | 'name'
  | 'language'
  | 'title'
  | 'lead'
  | 'certificate'
  | 'certificateHint'
  | 'original'
  | 'originalHint'
  | 'trust'
  | 'trustHint'
  | 'choose'
  | 'nothing'
  | 'check'
  | 'progress'
  | 'needCertificate'
  | 'needOriginal'
  | 'badTrust'
  | 'unreadable'
  | 'ownWord'
  | 'details'
  | 'stepsTitle'
  | 'holds'
  | 'failed'
  | 'limits'

export type FactName =
  | 'number'
  | 'item'
  | 'sha256'
  | 'size'
  | 'address'
  | 'received'
  | 'registered'
  | 'erased'
  | 'log'
  | 'root'
  | 'logKey'
  | 'source'
  | 'policyHash'
  | 'cosigner'
  | 'certificateSha256'
  | 'entry'
  | 'entries'
  | 'bytes'

export const english: Words = {
  language: 'en',
  direction: 'ltr',
  page: {
    name: 'Amanat verifier',
    language: 'Language',
    title: 'Is this file unchanged?',
    lead: 'Everything happens on this device. This page loads nothing and sends nothing.',
    certificate: 'Certificate',
    certificateHint: 'The integrity certificate. Choose it, or drop it here.',
    original: 'Original',
    originalHint: 'The file itself. Not needed where the item was erased.',
    trust: 'Trusted key or policy',
    trustHint:
      'Paste the log’s verifier key or a trust policy that you got from somewhere other than the certificate. Without it, the verdict rests on the certificate’s own word.',
    choose: 'Choose a file',
    nothing: 'No file chosen',
    check: 'Check',
    progress: 'Reading the original',
    needCertificate: 'Choose a certificate first.',
    needOriginal: 'The certificate holds by itself. Choose the original, too, so that it can be compared.',
    badTrust: 'The trusted key or policy cannot be used:',
    unreadable: 'A file could not be read:',
    ownWord:
      'On the certificate’s own word only: no trusted key was given, so nobody else vouches for the log’s key.',
    details: 'Details',
    stepsTitle: 'What was checked',
    holds: 'holds',
    failed: 'does not hold',
    limits:
      'Shown is that the bytes are unchanged since registration, not that what they say is true. Times are the desk’s own statements; positions in the log are proven.',
  },
  verdicts: { INTACT: 'INTACT', ERASED: 'ERASED', FAIL: 'FAIL', UNREADABLE: 'Nothing was checked' },
  meanings: {
    INTACT: 'The file is, byte for byte, what was taken in and registered.',
    ERASED: 'The item was erased; its erasure is in the log. There is nothing to compare.',
    FAIL: 'Something does not fit.',
  },
  steps: {
    certificate: 'The certificate has the documented form',
    log_key: 'The log is the one that is trusted',
    checkpoint: 'The checkpoint is signed',
    inclusion: 'Every entry is in the log, at its place',
    entries: 'Every entry is signed by an authorised key',
    item: 'The entries tell one whole story of one item',
    original: 'The original is the one that was taken in',
  },
  findings: {
    malformed: 'A part of the certificate does not have the documented form.',
    untrusted_log: 'The certificate is from a log that the given policy or key does not trust.',
    self_asserted_key: 'No trusted key was given: the verdict rests on the key in the certificate itself.',
    checkpoint_unsigned: 'The log’s key did not sign the checkpoint.',
    checkpoint_forged: 'The signature on the checkpoint is not the log’s.',
    other_origin: 'The checkpoint is of another log than the key.',
    cosignature_forged: 'The signature of a cosigner is not genuine.',
    quorum_missed: 'Fewer cosigners signed the checkpoint than the policy asks for.',
    unchecked_signatures: 'The checkpoint has signatures by keys that were not given here.',
    not_included: 'An entry is not in the log at its place.',
    unauthorised_key: 'Nothing shows that the key of an entry was authorised.',
    entry_forged: 'The signature of an entry does not verify.',
    disclosure_mismatch: 'A disclosed field is not what was sealed.',
    unexpected_entry: 'An entry does not belong in this certificate.',
    entry_missing: 'An entry that is needed is missing.',
    other_item: 'The entries are about different items.',
    number_mismatch: 'The entries state different registration numbers.',
    original_missing: 'The original was not given, so nothing was compared.',
    original_changed: 'The file is not the one that was taken in: its SHA-256 differs.',
    original_shorter: 'The file is shorter than what was taken in.',
    original_longer: 'The file is longer than what was taken in.',
    erased: 'The log says that the item was erased.',
  },
  facts: {
    number: 'Registration number',
    item: 'Item',
    sha256: 'SHA-256',
    size: 'Size',
    address: 'Vault address',
    received: 'Taken in',
    registered: 'Registered',
    erased: 'Erased',
    log: 'Log',
    root: 'Root',
    logKey: 'Log key',
    source: 'Vouched for by',
    policyHash: 'SHA-256 of the trusted text',
    cosigner: 'Cosigned by',
    certificateSha256: 'SHA-256 of the certificate',
    entry: 'entry',
    entries: 'entries',
    bytes: 'bytes',
  },
  sources: {
    policy: 'the policy given',
    key: 'the key given',
    certificate: 'the certificate itself only',
  },
}

export const dari: Words = {
  language: 'fa-AF',
  direction: 'rtl',
  page: {
    name: 'بازبین امانت',
    language: 'زبان',
    title: 'آیا این فایل تغییر نکرده است؟',
    lead: 'همه کار روی همین دستگاه انجام می‌شود. این صفحه چیزی بار نمی‌کند و چیزی نمی‌فرستد.',
    certificate: 'گواهی‌نامه',
    certificateHint: 'گواهی‌نامهٔ سلامت. آن را انتخاب کنید یا این‌جا بیندازید.',
    original: 'اصل فایل',
    originalHint: 'خود فایل. اگر آن مورد پاک شده باشد، لازم نیست.',
    trust: 'کلید یا سیاست اعتماد',
    trustHint:
      'کلید بازبینی دفتر یا سیاست اعتمادی را این‌جا بگذارید که از جای دیگری جز گواهی‌نامه به دست آورده‌اید. بدون آن، نتیجه تنها بر گفتهٔ خود گواهی‌نامه استوار است.',
    choose: 'انتخاب فایل',
    nothing: 'فایلی انتخاب نشده است',
    check: 'بررسی',
    progress: 'خواندن اصل فایل',
    needCertificate: 'نخست گواهی‌نامه را انتخاب کنید.',
    needOriginal: 'گواهی‌نامه به‌خودی‌خود درست است. اصل فایل را هم انتخاب کنید تا مقایسه شود.',
    badTrust: 'کلید یا سیاست اعتماد قابل استفاده نیست:',
    unreadable: 'یک فایل خوانده نشد:',
    ownWord: 'تنها به گفتهٔ خود گواهی‌نامه: کلید مورد اعتماد داده نشد، پس کس دیگری کلید دفتر را تأیید نمی‌کند.',
    details: 'جزئیات',
    stepsTitle: 'چه چیزی بررسی شد',
    holds: 'درست است',
    failed: 'درست نیست',
    limits:
      'آنچه نشان داده می‌شود این است که بایت‌ها از زمان ثبت تغییر نکرده‌اند؛ نه این که محتوای آن‌ها حقیقت دارد. زمان‌ها گفتهٔ خود دفتر است؛ جای هر ثبت در دفتر اثبات شده است.',
  },
  verdicts: { INTACT: 'دست‌نخورده', ERASED: 'پاک‌شده', FAIL: 'نادرست', UNREADABLE: 'چیزی بررسی نشد' },
  meanings: {
    INTACT: 'این فایل بایت به بایت همان است که گرفته و ثبت شده بود.',
    ERASED: 'این مورد پاک شده و پاک شدن آن در دفتر ثبت است. چیزی برای مقایسه نمانده است.',
    FAIL: 'چیزی با هم نمی‌خواند.',
  },
  steps: {
    certificate: 'گواهی‌نامه شکل تعیین‌شده را دارد',
    log_key: 'دفتر همان دفتر مورد اعتماد است',
    checkpoint: 'نقطهٔ وارسی امضا شده است',
    inclusion: 'هر ثبت در جای خود در دفتر است',
    entries: 'هر ثبت با کلید مجاز امضا شده است',
    item: 'ثبت‌ها سرگذشت کامل یک مورد را می‌گویند',
    original: 'اصل فایل همان است که گرفته شده بود',
  },
  findings: {
    malformed: 'بخشی از گواهی‌نامه شکل تعیین‌شده را ندارد.',
    untrusted_log: 'گواهی‌نامه از دفتری است که کلید یا سیاست داده‌شده به آن اعتماد ندارد.',
    self_asserted_key: 'کلید مورد اعتماد داده نشد: نتیجه تنها بر کلید درون خود گواهی‌نامه استوار است.',
    checkpoint_unsigned: 'کلید دفتر نقطهٔ وارسی را امضا نکرده است.',
    checkpoint_forged: 'امضای نقطهٔ وارسی از این دفتر نیست.',
    other_origin: 'نقطهٔ وارسی از دفتر دیگری است.',
    cosignature_forged: 'امضای یکی از هم‌امضاکنندگان اصل نیست.',
    quorum_missed: 'شمار هم‌امضاکنندگان کم‌تر از آن است که سیاست می‌خواهد.',
    unchecked_signatures: 'نقطهٔ وارسی امضاهایی دارد که کلید آن‌ها این‌جا داده نشده است.',
    not_included: 'یک ثبت در جای خود در دفتر نیست.',
    unauthorised_key: 'چیزی نشان نمی‌دهد که کلید یک ثبت مجاز بوده است.',
    entry_forged: 'امضای یک ثبت درست نیست.',
    disclosure_mismatch: 'یک بخش آشکارشده همان نیست که مهر شده بود.',
    unexpected_entry: 'یک ثبت به این گواهی‌نامه تعلق ندارد.',
    entry_missing: 'ثبتی که لازم است، در گواهی‌نامه نیست.',
    other_item: 'ثبت‌ها دربارهٔ موردهای مختلف است.',
    number_mismatch: 'ثبت‌ها شماره‌های ثبت مختلف دارند.',
    original_missing: 'اصل فایل داده نشد، پس چیزی مقایسه نشد.',
    original_changed: 'این فایل همان نیست که گرفته شده بود: SHA-256 آن فرق دارد.',
    original_shorter: 'این فایل از آنچه گرفته شده بود کوتاه‌تر است.',
    original_longer: 'این فایل از آنچه گرفته شده بود درازتر است.',
    erased: 'دفتر می‌گوید که این مورد پاک شده است.',
  },
  facts: {
    number: 'شمارهٔ ثبت',
    item: 'مورد',
    sha256: 'SHA-256',
    size: 'اندازه',
    address: 'نشانی در گنجینه',
    received: 'گرفته شد',
    registered: 'ثبت شد',
    erased: 'پاک شد',
    log: 'دفتر',
    root: 'ریشه',
    logKey: 'کلید دفتر',
    source: 'اعتبار از',
    policyHash: 'SHA-256 متن مورد اعتماد',
    cosigner: 'هم‌امضاکننده',
    certificateSha256: 'SHA-256 گواهی‌نامه',
    entry: 'ثبت',
    entries: 'ثبت',
    bytes: 'بایت',
  },
  sources: {
    policy: 'سیاست داده‌شده',
    key: 'کلید داده‌شده',
    certificate: 'تنها خود گواهی‌نامه',
  },
}
