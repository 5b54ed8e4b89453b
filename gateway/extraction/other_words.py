"""Words for numbers that are no code, by language, spelled as in ``words``.

``OTHER`` names another kind of number and stands beside it. ``SOFT`` may stand between a code and its name ("code
for your account: 123456"). ``BARE`` is one only with nothing but blanks between. ``OFFER`` says that a code nearby
is for a shop; ``CODE`` words outweigh it, ``LOOSE`` words do not.
"""

from __future__ import annotations

OTHER = {
    "en": """order|orders|order number|order no|order id|order code|invoice|invoice number|receipt|
        receipt number|ref|reference|reference code|reference number|reference no|ref no|ref code|ref id|
        tracking|tracking number|tracking code|parcel|parcel number|shipment|package|case|case number|case id|
        ticket|ticket number|ticket id|booking|booking code|booking reference|booking number|reservation|
        reservation code|reservation number|booking confirmation code|reservation confirmation code|
        confirmation number|confirmation no|record locator|pnr|flight|train|bus|gate|seat|room|floor|apt|suite|
        zip|zip code|postal code|postcode|area code|country code|error code|error|status code|source code|
        dress code|code of|tax code|qr code|bar code|barcode|pickup code|pick up code|collection code|
        parcel code|locker|locker code|call|phone|phone number|tel|telephone|fax|hotline|helpline|help line|
        mobile|mobile number|text stop to|stop to|yes to|no to|help to|start to|join to|reply stop to|send to|
        sms to|text to|to short code|shortcode|short code|extension|ext|account|account number|acct|acct no|a/c|
        card|card number|card ending|ending in|ending with|ending|last four digits|last 4 digits|balance|amount|
        total|subtotal|paid|price|customer|customer id|customer number|customer no|client id|client number|
        user id|member|member id|member number|membership number|policy|policy number|claim number|claim|serial|
        serial number|sku|model|item|part number|version|build|release|vat|tax id|iban|swift code|swift|
        sort code|routing number|license|licence|registration number|id|number|nr|no.|copyright|year|
        room number|queue number|meter reading|reading|issue|pull request|pr|job|run|batch|student id|
        employee id|transaction|transaction id|txn|txn id|utr|application number|application|edition|vol|page|
        win|won|score|height|rrn|backup codes|earned|collected|request id|trace id|session id""",
    "zh": """订单|訂單|订单号|訂單編號|订单编号|訂單號碼|单号|單號|运单|运单号|快递|快遞|包裹|物流|流水号|
        交易流水|交易号|编号|編號|尾号|末四位|末四碼|末尾|卡号|卡號|账号|帐号|帳號|账户|帳戶|账单|帳單|电话|
        電話|热线|熱線|专线|详询|咨询|諮詢|查询|查詢|洽询|洽詢|致电|致電|拨打|撥打|客服|来电|手机号|手機號|门号|
        門號|余额|餘額|金额|金額|共计|合计|总计|总额|消费|消費|支付|付款|转账|转入|转出|支出|收入|航班|车次|
        車次|班次|取件码|取件碼|取货码|取貨碼|提货码|提貨碼|取餐码|取餐号|取餐號|取票码|取票号|核销码|券码|
        入园码|门票|座位|房间|房號|房号|房间号|车牌|車牌|邮编|郵遞區號|工单|工單|案件|案号|受理号|排队号|排号|
        号码牌|發票|发票|发票号|统一编号|統一編號|回复|回覆|发送|發送至|编辑|积分|累计|共有|已有|超过|年份|第|
        版本|型号|型號|序列号|序號|序列號|合同号|保单|保单号|会员号|會員編號|客户号|用户名|二维码|二維碼|条码|
        條碼|错误码|错误代码|錯誤代碼|邀请码|邀請碼|推荐码|推薦碼|兑换码|兌換碼|柜门|柜号|学号|工号""",
    "ja": """注文番号|ご注文番号|注文|お問い合わせ番号|お問合せ番号|問い合わせ番号|追跡番号|伝票番号|送り状番号|
        会員番号|お客様番号|顧客番号|電話|電話番号|フリーダイヤル|郵便番号|予約番号|ご予約番号|口座|口座番号|
        下4桁|下四桁|末尾|請求|請求書番号|クーポンコード|クーポン|受付番号|整理番号|便名|便|管理番号|商品番号|
        商品コード|型番|バージョン|エラーコード|qrコード|バーコード|部屋番号|座席|ポイント|残高|金額|合計|
        カード|累計|招待コード|ロッカー|暗号|創業""",
    "ko": """주문번호|주문 번호|주문|운송장|운송장번호|운송장 번호|송장번호|송장 번호|예약번호|예약 번호|전화|
        전화번호|계좌|계좌번호|고객센터|고객번호|회원번호|카드|카드번호|쿠폰|쿠폰번호|쿠폰코드|쿠폰 코드|
        우편번호|문의|접수번호|접수 번호|끝자리|뒷자리|잔액|금액|합계|결제|대기번호|포인트|누적|버전|오류 코드|
        상품코드|수신거부|무료거부|객실|사물함""",
    "de": """bestellung|bestellnummer|bestell nr|auftragsnummer|auftrag|rechnung|rechnungsnummer|rechnung nr|
        sendungsnummer|sendung|paketnummer|paket|kundennummer|kunden nr|referenz|referenznummer|buchung|
        buchungsnummer|buchungscode|vorgangsnummer|ticketnummer|fallnummer|telefon|tel|anrufen|rufen sie|
        hotline|konto|kontonummer|karte|kartennummer|endziffern|endend auf|betrag|summe|gesamt|plz|postleitzahl|
        flug|zug|zimmer|platz|qr code|fehlercode|fehler|gutscheincode|gutschein|rabattcode|aktionscode|
        vertragsnummer|zählerstand|ust idnr|hrb|abholcode|mitgliedsnummer|version|nr|nummer|artikelnummer|
        barcode|strichcode|quellcode|unicode|decode|encode|promocode|qrcode|versicherungsnummer|steuernummer|
        saldo|kontostand|postcode|zipcode""",
    "fr": """commande|numéro de commande|n° de commande|facture|numéro de facture|colis|numéro de suivi|suivi|
        référence|réf|dossier|numéro de dossier|réservation|numéro de réservation|téléphone|tél|appelez|appeler|
        compte|carte|se terminant par|finissant par|solde|montant|total|code postal|vol|train|chambre|place|
        code promo|code promotionnel|code de réduction|code erreur|code de retrait|code qr|numéro client|numéro|
        n°|siret|siren|rcs|version|code barre|code barres|stop au|envoyez stop au""",
    "es": """pedido|número de pedido|nº de pedido|factura|número de factura|envío|seguimiento|
        número de seguimiento|código de seguimiento|referencia|reserva|código de reserva|localizador|teléfono|
        tel|llama al|llame al|llama|cuenta|tarjeta|terminada en|terminado en|saldo|importe|monto|total|
        código postal|vuelo|tren|habitación|asiento|código promocional|código de descuento|cupón|
        código de error|código qr|cliente|número de cliente|número|nº|versión|expediente|ticket|caso|dni|nif|
        código de barras|código de recogida""",
    "pt": """pedido|número do pedido|nº do pedido|encomenda|nota fiscal|fatura|boleto|rastreio|
        código de rastreio|código de rastreamento|rastreamento|protocolo|referência|reserva|código da reserva|
        localizador|telefone|ligue|tel|conta|cartão|final|terminado em|saldo|valor|total|cep|voo|quarto|assento|
        cupom|código promocional|código de desconto|código de erro|código de barras|qr code|cliente|número|nº|
        versão|cnpj|cpf|código de retirada|código postal|multibanco|entidade""",
    "it": """ordine|numero d'ordine|numero ordine|fattura|spedizione|tracking|numero di tracciamento|
        riferimento|prenotazione|codice di prenotazione|codice prenotazione|telefono|tel|chiama|conto|carta|
        che termina con|saldo|importo|totale|cap|volo|treno|camera|posto|codice sconto|codice promozionale|
        codice promo|buono|codice errore|codice qr|cliente|codice cliente|numero|dal|versione|partita iva|p iva|
        codice fiscale|pratica|codice a barre|codice di ritiro""",
    "ru": """заказ|заказа|заказу|номер заказа|счет|счёт|счета|трек номер|трек|отправление|посылка|накладная|
        бронь|бронирование|номер брони|код бронирования|телефон|тел|звоните|позвоните|карта|карты|карте|баланс|
        сумма|итого|индекс|рейс|поезд|место|номер|промокод|код скидки|код ошибки|штрихкод|клиент|договор|
        договора|заявка|заявки|обращение|обращения|версия|инн|огрн|купон|код получения|код выдачи|остаток|
        списание|№|qr код""",
    "uk": """замовлення|рахунок|рахунку|посилка|ттн|картка|картки|баланс|сума|телефон|рейс|промокод|код помилки|
        №|номер""",
    "tr": """sipariş|sipariş numarası|sipariş no|siparişiniz|fatura|fatura no|kargo|takip no|takip numarası|
        kargo takip no|rezervasyon|rezervasyon kodu|pnr|telefon|arayın|hesap|kart|kartınız|ile biten|bakiye|
        tutar|toplam|posta kodu|uçuş|sefer|oda|koltuk|kupon kodu|indirim kodu|kampanya kodu|hata kodu|
        müşteri no|müşteri numarası|numarası|sürüm|referans|mersis|mernis|b001|b002|teslimat kodu|alan kodu""",
    "pl": """zamówienie|zamówienia|nr zamówienia|numer zamówienia|faktura|przesyłka|paczka|paczki|nr przesyłki|
        numer przesyłki|numer śledzenia|rezerwacja|rezerwacji|kod rezerwacji|telefon|tel|zadzwoń|konto|karta|
        karty|saldo|kwota|suma|razem|kod pocztowy|lot|pociąg|pokój|miejsce|kod rabatowy|kod promocyjny|
        kod błędu|klient|numer klienta|nr|numer|wersja|nip|regon|krs|kod odbioru|kod kreskowy|kod qr|zgłoszenie|
        zgłoszenia""",
    "nl": """bestelling|bestelnummer|ordernummer|factuur|factuurnummer|pakket|zending|track en trace|barcode|
        referentie|kenmerk|reservering|boeking|boekingsnummer|boekingscode|reserveringscode|telefoon|tel|bel|
        rekening|pas|kaart|eindigend op|saldo|bedrag|totaal|postcode|vlucht|trein|kamer|stoel|kortingscode|
        actiecode|foutcode|qr code|klantnummer|nummer|nr|versie|kvk|btw|afhaalcode|ophaalcode""",
    "ar": """طلب|الطلب|رقم الطلب|طلبك|فاتورة|الفاتورة|رقم الفاتورة|شحنة|رقم التتبع|رقم الشحنة|الحجز|رقم الحجز|
        هاتف|اتصل|حساب|الحساب|بطاقة|بطاقتك|المنتهية ب|رصيد|رصيدك|مبلغ|المبلغ|الرمز البريدي|رحلة|الرحلة|غرفة|
        كود الخصم|رمز الخصم|كوبون|رقم|رقم المرجع|المرجع|رمز الخطأ""",
    "fa": "سفارش|شماره سفارش|مرسوله|کد رهگیری|کد پیگیری|تلفن|کارت|حساب|موجودی|مبلغ|کد پستی|کد تخفیف|پرواز",
    "he": "הזמנה|מספר הזמנה|חשבונית|משלוח|טלפון|כרטיס|חשבון|יתרה|סכום|קוד קופון|מיקוד|טיסה|מספר",
    "vi": """đơn hàng|mã đơn hàng|hóa đơn|mã vận đơn|vận đơn|mã đặt chỗ|điện thoại|gọi|hotline|tài khoản|tk|thẻ|
        số thẻ|số dư|số tiền|tổng|mã bưu điện|chuyến bay|phòng|ghế|mã giảm giá|mã khuyến mãi|mã lỗi|số|mã qr|
        mã khách hàng|tổng đài""",
    "th": """คำสั่งซื้อ|หมายเลขคำสั่งซื้อ|ใบแจ้งหนี้|พัสดุ|หมายเลขพัสดุ|เลขพัสดุ|การจอง|หมายเลขการจอง|
        รหัสการจอง|โทร|บัญชี|บัตร|ลงท้าย|ยอดคงเหลือ|ยอดเงิน|จำนวน|รหัสไปรษณีย์|เที่ยวบิน|ห้อง|ที่นั่ง|
        โค้ดส่วนลด|รหัสส่วนลด|คูปอง|รหัสอ้างอิง|อ้างอิง|ref|เลขที่|หมายเลข|ปี""",
    "hi": """ऑर्डर|ऑर्डर नंबर|इनवॉइस|बिल|शिपमेंट|ट्रैकिंग|ट्रैकिंग नंबर|बुकिंग|पीएनआर|फोन|कॉल|खाता|खाते|कार्ड|
        शेष|राशि|पिन कोड|पिनकोड|फ्लाइट|ट्रेन|कमरा|कूपन|कूपन कोड|प्रोमो कोड|नंबर|संदर्भ""",
    "id": """pesanan|nomor pesanan|no pesanan|faktur|invoice|resi|no resi|nomor resi|kode booking|pemesanan|
        telepon|hubungi|rekening|kartu|saldo|jumlah|total|kode pos|penerbangan|kamar|kursi|kode promo|
        kode voucher|kode diskon|kode kesalahan|nomor|no|pelanggan""",
    "sv": """order|ordernummer|beställning|faktura|fakturanummer|paket|kollinummer|spårningsnummer|bokning|
        bokningsnummer|telefon|ring|konto|kort|saldo|belopp|summa|totalt|postnummer|flyg|rum|rabattkod|felkod|
        kundnummer|nummer|tilausnumero|lasku|puhelin|postinumero|tilaus|hämtkod""",
    "cs": """objednávka|objednávky|číslo objednávky|faktura|zásilka|zásilky|rezervace|telefon|volejte|účet|
        karta|karty|zůstatek|částka|celkem|psč|let|vlak|pokoj|slevový kód|kód chyby|číslo|rendelés|számla|
        csomag""",
}

OFFER = {
    "en": """promo|promo code|promo codes|promotion code|promotional code|coupon|coupon code|discount|
        discount code|voucher|voucher code|gift code|gift card|gift card code|referral code|invite code|
        invitation code|redeem code|redemption code|offer code|savings code|% off|off your|checkout|at checkout|
        use code|with code|sale|free shipping|share code|referral|refer a friend|invite a friend|bring a friend|
        month free|free month""",
    "zh": "优惠码|優惠碼|折扣码|折扣碼|优惠券|優惠券|促销码|满减|红包|代金券|礼品码|卡密",
    "ja": "クーポン|割引|プロモコード|プロモーションコード|セール|送料無料|ギフトコード",
    "ko": "쿠폰|할인|프로모션 코드|세일|무료배송|추천 코드|추천코드",
    "de": "rabatt|gutschein|gutscheincode|rabattcode|aktionscode|einlösen|versandkostenfrei",
    "fr": "code promo|promo|réduction|remise|bon d'achat|livraison offerte|soldes|code avantage",
    "es": "descuento|cupón|código promocional|código de descuento|oferta|rebajas|envío gratis",
    "pt": "desconto|cupom|cupão|código promocional|oferta|frete grátis",
    "it": "sconto|coupon|codice sconto|codice promo|buono|saldi|spedizione gratuita",
    "ru": "скидка|скидку|скидки|промокод|купон|распродажа|бесплатная доставка",
    "tr": "indirim|kupon|kampanya|indirim kodu|kupon kodu|ücretsiz kargo",
    "pl": "rabat|rabatu|kupon|zniżka|zniżki|promocja|kod rabatowy|darmowa dostawa",
    "nl": "korting|kortingscode|actiecode|kassabon|gratis verzending|uitverkoop",
    "ar": "خصم|كوبون|كود الخصم|عرض|تخفيضات",
    "vi": "giảm giá|mã giảm giá|khuyến mãi|ưu đãi|voucher",
    "th": "ส่วนลด|โค้ดส่วนลด|คูปอง|โปรโมชั่น",
    "hi": "छूट|कूपन|ऑफर|डिस्काउंट",
    "id": "diskon|kode promo|voucher|kupon|gratis ongkir",
    "sv": "rabatt|rabattkod|erbjudande|fri frakt|sleva|slevu|kedvezmény|reducere",
}

SOFT = {
    "en": """account|acct|phone|phone number|mobile|mobile number|number|card|customer|member|email|device|id|
        application|call|version|item|job|mobile phone|transaction|amount|page|total|login|payment|room|
        order""",
    "zh": """账号|帐号|帳號|账户|帳戶|手机号|手機號|支付|付款|转账|消费|消費|门号|門號|会员号|用户名|发送|编辑|
        电话|電話|第|转出|注册|登录""",
    "ja": "電話|電話番号|カード|口座|会員番号|注文|ご注文",
    "ko": "전화|전화번호|계좌|카드|결제|주문",
    "de": "konto|karte|telefon|nummer|buchung|bestellung",
    "fr": "compte|carte|téléphone|numéro|place|commande|client",
    "es": "cuenta|tarjeta|teléfono|número|cliente|pedido",
    "pt": "conta|cartão|telefone|número|cliente|pedido|valor",
    "it": "conto|carta|telefono|numero|cliente|ordine|account",
    "ru": "карта|карты|карте|номер|телефон|клиент|заказа|заказ|обращения|договора",
    "tr": "hesap|kart|kartınız|telefon|siparişiniz",
    "pl": "konto|karta|karty|telefon|zamówienia",
    "nl": "rekening|pas|kaart|telefoon|nummer|bestelling",
    "ar": "حساب|الحساب|بطاقة|بطاقتك|هاتف|حسابك",
    "vi": "tài khoản|tk|thẻ|điện thoại|số",
    "th": "บัญชี|บัตร|หมายเลข|จำนวน",
    "hi": "खाता|खाते|कार्ड|फोन|नंबर",
    "id": "rekening|kartu|telepon|nomor|akun",
}

BARE = {
    "en": "in|at|by|until|till|since|with|over|about|nearly|almost|more than|up to|from|than|around|for|no",
    "de": "seit|um|ab|bis|über|im jahr",
    "fr": "depuis|à|en|dès|plus de",
    "es": "desde|hasta|en|más de",
    "pt": "desde|até|em|mais de",
    "it": "dal|nel|oltre|fino a",
    "ru": "с|до|более|около",
    "tr": "no",
    "pl": "od|do|ponad",
    "nl": "sinds|vanaf|tot|ruim",
}
