"""Words for a code, by language, all in lower case. A blank stands for one or two blanks, dashes or line ends.

``CODE`` says exactly what it is. ``LOOSE`` may mean another code too. ``ENTER`` stands directly before a code,
``PURPOSE`` after it. ``HINT`` says that a message is about signing in, wherever it stands.
"""

from __future__ import annotations

# Written without spaces between words, or with endings and articles that are attached: found inside words.
ATTACHED = frozenset(("zh", "ja", "ko", "th", "ar", "fa", "he", "hi"))

CODE = {
    "en": """verification code|verify code|verification pin|verification number|confirmation code|security code|
        security pin|access code|login code|log in code|logon code|sign in code|signin code|sign on code|
        sign up code|signup code|authentication code|authenticator code|auth code|authorization code|
        authorisation code|activation code|validation code|registration code|reset code|password reset code|
        recovery code|temporary code|temporary password|temporary pin|temporary passcode|one time code|
        one time password|one time passcode|one time pin|one time security code|one time verification code|
        onetime code|onetime password|otp|otp code|passcode|pass code|2fa code|mfa code|two factor code|
        two step code|digit code|digit pin|magic code|device code|guard code|single use code|sms code|
        email code|captcha|vcode""",
    "zh": """验证码|驗證碼|校验码|校驗碼|动态码|動態碼|动态密码|動態密碼|短信码|簡訊碼|确认码|確認碼|认证码|
        認證碼|激活码|登录码|登入碼|登录密码|随机码|隨機碼|检验码|一次性密码|一次性密碼|一次密碼|安全码|安全碼|
        验证代码|驗證代碼|临时密码|臨時密碼|动态口令|動態口令|口令|识别码|授权码|安全代码|验证密码|驗證密碼|
        代码为|代碼為|登录代码|登入代碼|安全代碼|確認代碼""",
    "ja": """認証コード|認証番号|確認コード|確認番号|検証コード|ワンタイムパスワード|ワンタイムコード|
        ワンタイムパスコード|暗証番号|パスコード|セキュリティコード|セキュリティーコード|ログインコード|
        認証用コード|本人確認コード|アクセスコード|認証キー|サインインコード|登録コード|照合番号""",
    "ko": """인증번호|인증 번호|인증코드|인증 코드|확인 코드|확인코드|확인번호|보안 코드|보안코드|보안번호|
        로그인 코드|로그인코드|일회용 비밀번호|일회용 코드|일회용 패스코드|임시 비밀번호|본인확인번호|승인번호|
        액세스 코드|패스코드""",
    "de": """bestätigungscode|bestaetigungscode|sicherheitscode|verifizierungscode|anmeldecode|einmalcode|
        einmalpasswort|einmalkennwort|zugangscode|aktivierungscode|freischaltcode|prüfcode|prüfziffer|
        login code|authentifizierungscode|registrierungscode|tan|mtan|sms tan|mobile tan|sms code|einmal code|
        einmal passwort""",
    "fr": """code de vérification|code de confirmation|code de sécurité|code de connexion|code d'accès|
        code d'authentification|code d'activation|code d'identification|code à usage unique|code de validation|
        mot de passe à usage unique|mot de passe temporaire|code unique|code temporaire|code sms|code secret""",
    "es": """código de verificación|codigo de verificacion|código de seguridad|codigo de seguridad|
        código de confirmación|código de acceso|código de inicio de sesión|código de autenticación|
        código de activación|código de validación|código de un solo uso|contraseña de un solo uso|
        clave dinámica|clave de acceso|clave temporal|código único|código temporal|clave de un solo uso|
        código sms|clave de verificación|contraseña temporal|clave de seguridad""",
    "pt": """código de verificação|codigo de verificacao|código de segurança|código de confirmação|
        código de acesso|código de autenticação|código de ativação|código de validação|código de login|
        código de uso único|senha de uso único|senha temporária|código temporário|código único|token de acesso|
        palavra passe de utilização única|código de início de sessão""",
    "it": """codice di verifica|codice di sicurezza|codice di conferma|codice di accesso|codice d'accesso|
        codice di autenticazione|codice di attivazione|codice monouso|codice otp|password monouso|
        codice usa e getta|codice temporaneo|password temporanea|codice di convalida|codice sms""",
    "ru": """код подтверждения|код проверки|код безопасности|код доступа|код для входа|код входа|
        код авторизации|код активации|проверочный код|одноразовый код|одноразовый пароль|одноразовым кодом|
        секретный код|смс код|sms код|пароль для входа|временный пароль|код верификации|код регистрации|
        кода подтверждения""",
    "uk": """код підтвердження|код перевірки|код безпеки|код доступу|код для входу|одноразовий код|
        одноразовий пароль|код авторизації""",
    "tr": """doğrulama kodu|doğrulama kodunuz|doğrulama kodun|onay kodu|onay kodunuz|güvenlik kodu|
        güvenlik kodunuz|giriş kodu|giriş kodunuz|aktivasyon kodu|aktivasyon kodunuz|tek kullanımlık şifre|
        tek kullanımlık şifreniz|tek kullanımlık kod|tek kullanımlık kodunuz|tek kullanımlık parola|sms şifresi|
        sms şifreniz|sms kodu|dogrulama kodu|dogrulama kodunuz|guvenlik kodu|onay şifreniz""",
    "pl": """kod weryfikacyjny|kod bezpieczeństwa|kod potwierdzający|kod dostępu|kod logowania|kod do logowania|
        kod aktywacyjny|kod autoryzacyjny|kod jednorazowy|jednorazowy kod|hasło jednorazowe|jednorazowe hasło|
        kod sms|smskod|hasło sms|kodem weryfikacyjnym|kod weryfikacji""",
    "nl": """verificatiecode|bevestigingscode|beveiligingscode|inlogcode|toegangscode|activatiecode|
        eenmalige code|eenmalig wachtwoord|eenmalige toegangscode|tancode|tan code|sms code|aanmeldcode""",
    "ar": """رمز التحقق|رمز التأكيد|رمز الأمان|رمز الدخول|رمز تسجيل الدخول|رمز التفعيل|كود التحقق|كود التفعيل|
        كود التأكيد|كلمة المرور لمرة واحدة|رمز المرور|الرمز السري|رمز المصادقة|كلمة السر المؤقتة|رمز تحقق|
        رمز لمرة واحدة""",
    "fa": "کد تایید|کد تأیید|کدتایید|کد ورود|رمز یکبار مصرف|رمز پویا|کد فعال سازی|کد احراز هویت|رمز عبور موقت",
    "he": "קוד אימות|קוד האימות|קוד אישור|קוד הכניסה|קוד כניסה|סיסמה חד פעמית|קוד חד פעמי|קוד הזיהוי|קוד זיהוי",
    "vi": """mã xác thực|mã xác minh|mã xác nhận|mã bảo mật|mã đăng nhập|mã kích hoạt|mã otp|mật khẩu một lần|
        mật khẩu dùng một lần|ma xac thuc|ma xac nhan|ma otp|mã truy cập|mã kiểm tra""",
    "th": """รหัสยืนยัน|รหัสยืนยันตัวตน|รหัส otp|รหัสotp|รหัสผ่านครั้งเดียว|รหัสความปลอดภัย|รหัสเข้าสู่ระบบ|
        รหัสรักษาความปลอดภัย|รหัสผ่านแบบใช้ครั้งเดียว|รหัสการยืนยัน|รหัสตรวจสอบ""",
    "hi": """सत्यापन कोड|वेरिफिकेशन कोड|सुरक्षा कोड|ओटीपी|वन टाइम पासवर्ड|लॉगिन कोड|पुष्टिकरण कोड|
        एक बार का पासवर्ड|प्रमाणीकरण कोड|पासकोड""",
    "id": """kode verifikasi|kode otp|kode keamanan|kode konfirmasi|kode masuk|kode akses|kode aktivasi|
        kode login|kata sandi sekali pakai|kod pengesahan|kod keselamatan|kode autentikasi|kod tac|tac""",
    "sv": """verifieringskod|verifikationskod|säkerhetskod|engångskod|inloggningskod|bekräftelsekod|
        aktiveringskod|engångslösenord|bekræftelseskode|bekreftelseskode|verifiseringskode|verificeringskode|
        engangskode|sikkerhedskode|sikkerhetskode|engangspassord|engangsadgangskode|påloggingskode|loginkode|
        innloggingskode|vahvistuskoodi|vahvistuskoodisi|turvakoodi|kertakäyttökoodi|kertakoodi|
        kertakäyttöinen koodi""",
    "cs": """ověřovací kód|overovací kód|overovací kod|bezpečnostní kód|bezpečnostný kód|potvrzovací kód|
        potvrdzovací kód|jednorázový kód|jednorázové heslo|jednorazový kód|jednorazové heslo|přihlašovací kód|
        sms kód|autorizační kód|ellenőrző kód|ellenőrző kódod|megerősítő kód|biztonsági kód|belépési kód|
        egyszer használatos kód|egyszeri jelszó|hitelesítő kód""",
    "ro": """cod de verificare|codul de verificare|codul tău de verificare|cod de securitate|
        codul de securitate|cod de confirmare|codul de confirmare|parola unică|cod unic|codul unic|cod de acces|
        codul de acces""",
    "el": """κωδικός επαλήθευσης|κωδικός επιβεβαίωσης|κωδικός ασφαλείας|κωδικός μίας χρήσης|κωδικός μιας χρήσης|
        κωδικός πρόσβασης|κωδικός σύνδεσης|κωδικό επαλήθευσης""",
}

LOOSE = {
    "en": "code|codes|pin|pin code|pincode|password|token|secret|login|key",
    "zh": "密码|密碼|代码|代碼|编码|动态|碼為|码为|码是|碼是|码:|碼:|code",
    "ja": "コード|パスワード|code",
    "ko": "코드|비밀번호|code",
    "de": "code|kennwort|passwort|pin",
    "fr": "code|codes|mot de passe|code pin",
    "es": "código|codigo|clave|contraseña|pin",
    "pt": "código|codigo|senha|token|palavra passe",
    "it": "codice|password|pin",
    "ru": "код|кода|кодом|коду|пароль|пин|пин код|ключ",
    "uk": "код|пароль",
    "tr": "kod|kodu|kodunuz|kodun|kodunu|şifre|şifreniz|sifreniz|şifren|parola|parolanız",
    "pl": "kod|kodu|kodem|hasło|pin",
    "nl": "code|wachtwoord|pincode",
    "ar": "الرمز|رمزك|رمز|الكود|كود|كودك|كلمة المرور|كلمة السر",
    "fa": "کد|رمز",
    "he": "קוד|הקוד|סיסמה",
    "vi": "mã|mật khẩu|ma|mã pin",
    "th": "รหัส|โค้ด",
    "hi": "कोड|पासवर्ड|पिन",
    "id": "kode|kod|kata sandi",
    "sv": "kod|koden|kode|lösenord|koodi|koodisi|adgangskode|passord",
    "cs": "kód|kod|heslo|kódod|kódja|jelszó|pin kód",
    "ro": "cod|codul|parola",
    "el": "κωδικός|κωδικό|κωδικος",
}

ENTER = {
    "en": "enter|use|type|type in|input|use the number|enter the number|submit|key in|please enter",
    "zh": "输入|輸入|填写|填寫|请填|键入",
    "ja": "入力してください|次の番号|以下の番号|番号",
    "ko": "입력|다음 번호",
    "de": "verwenden sie|geben sie|nutzen sie|nutze|verwende|gib",
    "fr": "entrez|saisissez|utilisez|saisir|indiquez",
    "es": "ingresa|ingrese|introduce|introduzca|usa|use|escribe|utiliza",
    "pt": "digite|insira|use|utilize|introduza|informe",
    "it": "inserisci|usa|digita|utilizza|inserire",
    "ru": "введите|используйте|укажите|сообщите",
    "uk": "введіть|використайте",
    "tr": "girin|giriniz|kullanın",
    "pl": "wpisz|użyj|wprowadź|podaj",
    "nl": "gebruik|vul|voer|typ",
    "ar": "أدخل|استخدم|ادخل",
    "vi": "nhập|sử dụng",
    "th": "กรอก|ใส่|ใช้",
    "hi": "दर्ज करें|उपयोग करें",
    "id": "masukkan|gunakan",
}

PURPOSE = {
    "en": """to verify|to log in|to login|to sign in|to confirm|to sign up|to authenticate|to continue|to reset|
        to complete your|to activate|to access|to finish|for verification|for login|for logging in|
        for signing in|as your|to link|to register|for authentication|to finish signing in""",
    "zh": "登录|登入|登錄|验证身份|完成验证|注册|驗證身分|验证|驗證",
    "ja": "ログイン|認証|サインイン|本人確認",
    "ko": "로그인|인증",
    "de": """um sich anzumelden|zum anmelden|zur anmeldung|zur bestätigung|zur verifizierung|um fortzufahren|
        ein um""",
    "fr": "pour vous connecter|pour vérifier|pour confirmer|pour valider|pour continuer|pour vous identifier",
    "es": """para verificar|para iniciar sesión|para confirmar|para acceder|para continuar|para entrar|
        para validar""",
    "pt": "para verificar|para entrar|para confirmar|para acessar|para continuar|para iniciar sessão",
    "it": "per verificare|per accedere|per confermare|per continuare|per completare",
    "ru": "для входа|для подтверждения|чтобы войти|для авторизации|для регистрации|чтобы подтвердить",
    "tr": "giriş yapmak için|doğrulamak için|ile giriş|ile doğrula",
    "pl": "aby się zalogować|aby potwierdzić|aby zweryfikować|do logowania",
    "nl": "om in te loggen|om te bevestigen|om te verifiëren|om verder te gaan",
    "ar": "لتسجيل الدخول|للتحقق|لتأكيد",
    "vi": "để đăng nhập|để xác minh|để xác nhận|để xác thực",
    "th": "เพื่อเข้าสู่ระบบ|เพื่อยืนยัน",
    "hi": "लॉगिन करने|सत्यापित करने",
    "id": "untuk masuk|untuk verifikasi|untuk login|untuk memverifikasi",
}

HINT = {
    "en": """expires in|valid for|don't share|do not share|never share|not share|don't disclose|log in|sign in|
        signing in|logging in|login|verify|verification|didn't request|did not request|valid until|expires""",
    "zh": """请勿泄露|勿告知|請勿告知|有效期|分钟内有效|分鐘內有效|切勿|请勿转发|有效|登录|登入|验证|驗證|泄露|
        洩漏|洩露""",
    "ja": "有効期限|有効です|教えない|共有しない|ログイン|認証",
    "ko": "유효|공유하지|타인에게|로그인|인증|알려주지",
    "de": "gültig|läuft ab|weitergeben|niemandem|anmelden|anmeldung",
    "fr": "valable|expire|ne partagez|ne communiquez|connexion|connecter",
    "es": "válido|valido|expira|caduca|no compartas|no comparta|iniciar sesión",
    "pt": "válido|valido|expira|não compartilhe|não partilhe|iniciar sessão",
    "it": "valido|scade|non condividere|non comunicare|accedere|accesso",
    "ru": "действителен|никому|не сообщайте|войти|вход|действует",
    "tr": "geçerli|geçerlidir|paylaşmayın|paylaşmayınız|giriş",
    "pl": "ważny|wygasa|nie udostępniaj|nikomu|logowanie",
    "nl": "geldig|verloopt|deel|inloggen|aanmelden",
    "ar": "صالح|صالحة|لا تشارك|لا تشاركه|تنتهي صلاحية|تسجيل الدخول",
    "vi": "hiệu lực|hết hạn|không chia sẻ|đăng nhập",
    "th": "หมดอายุ|ห้ามเปิดเผย|เข้าสู่ระบบ|ใช้ได้ภายใน",
    "hi": "मान्य|साझा न|शेयर न|लॉगिन",
    "id": "berlaku|jangan|rahasia|masuk|rahasiakan",
}
