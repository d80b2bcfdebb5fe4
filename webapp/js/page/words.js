/*
 * Every sentence that the page says, in Korean and in English, and the one way to put it on the page. What has been
 * put here is put again when the language changes, so that nothing on the page needs to be built anew.
 *
 * {0}, {1} stand for arguments. No Korean particle follows an argument: its form would depend on it.
 */
(function (portal) {
  'use strict';

  var TEXTS = {
    ko: {
      'title': '봉수 · 사내 알림',
      'name': '봉수',
      'skip': '알림 목록으로 건너뛰기',
      'language': '언어',
      'opening.failed': '서버에 연결하지 못했습니다. 다시 시도하고 있습니다.',

      'signIn': '로그인',
      'signIn.intro': '회사 계정으로 로그인하면 새 알림이 바로 보입니다.',
      'signIn.user': '아이디',
      'signIn.password': '비밀번호',
      'signIn.busy': '확인하고 있습니다…',
      'signIn.wrong': '아이디나 비밀번호가 맞지 않습니다. 다시 입력해 주세요.',
      'signIn.forbidden': '이 계정은 알림을 볼 수 없습니다. 관리자에게 권한을 요청해 주세요.',
      'signIn.unreachable': '서버에 연결하지 못했습니다. 잠시 뒤 다시 시도해 주세요.',
      'signIn.expired': '로그인이 끝났습니다. 다시 로그인하면 받던 곳부터 이어집니다. 쓰던 글은 남아 있습니다.',
      'signOut': '로그아웃',
      'user': '{0} 님',

      'list': '알림',
      'list.empty': '아직 알림이 없습니다.',
      'list.emptyTry': '아직 알림이 없습니다. 아래 명령으로 하나 보내 보세요.',
      'list.older': '이전 알림 더 보기',
      'list.olderFailed': '이전 알림을 받지 못했습니다. 다시 눌러 주세요.',
      'list.loadFailed': '목록을 받지 못했습니다. 다시 시도하고 있습니다.',
      'list.more': '새 알림 {0}개',
      'list.arrived': '새 알림: {0}',
      'list.arrivedMany': '새 알림 {0}개',
      'list.link': '열기',
      'reset.epoch': '서버의 기록이 바뀌어 목록을 새로 받았습니다. 이전 알림 일부가 없을 수 있습니다.',
      'reset.ahead': '서버가 예전 기록으로 되돌아가 목록을 새로 받았습니다. 최근 알림 일부가 없을 수 있습니다.',
      'reset.trimmed': '연결이 끊긴 동안 보관 기간이 지난 알림이 있습니다. 이 아래의 알림 일부가 없을 수 있습니다.',

      'priority.urgent': '긴급',
      'priority.high': '높음',
      'priority.normal': '보통',
      'priority.low': '낮음',
      'priority.min': '조용히',
      'status.resolved': '해결됨',

      'try': '명령으로 보내 보기',
      'try.intro': '터미널에 붙여 넣으면 이 화면에 바로 나타납니다. 비밀번호는 curl이 묻습니다.',
      'try.title': '백업 완료',
      'try.body': '38분 동안 412 GB를 저장했습니다.',
      'try.chat': '안녕하세요',

      'chat': '대화방',
      'chat.room': '모두의 방',
      'chat.log': '모두의 방 대화',
      'chat.empty': '아직 대화가 없습니다. 먼저 인사해 보세요.',
      'chat.field': '메시지',
      'chat.placeholder': '메시지를 입력하세요',
      'chat.keys': 'Enter로 보내기, Shift+Enter로 줄 바꾸기',
      'chat.send': '보내기',
      'chat.sending': '보내는 중…',
      'chat.failed': '보내지 못했습니다.',
      'chat.unsent': '아직 보내지 못했습니다. 연결되면 다시 보냅니다.',
      'chat.refused': '보낼 수 없습니다: {0}',
      'chat.again': '다시 보내기',
      'chat.discard': '지우기',
      'chat.more': '새 대화 보기',

      'chip.label': '연결 상태. 눌러서 자세히 보기',
      'chip.stopped': '연결 안 됨',
      'chip.connecting': '연결하는 중…',
      'chip.waiting': '다시 연결하는 중 ({0}초)',
      'chip.live.websocket': '실시간 · WebSocket',
      'chip.live.sse': '실시간 · SSE',
      'chip.live.longpoll': '거의 실시간 · 롱폴링',
      'chip.live.poll': '최대 4초 늦음 · 폴링',
      'chip.choose': '받는 방법',
      'chip.auto': '자동 (가장 빠른 방법)',
      'chip.websocket': 'WebSocket',
      'chip.sse': 'SSE',
      'chip.longpoll': '롱폴링',
      'chip.poll': '폴링 (4초마다)',
      'chip.now': '지금 연결',
      'chip.since': '{0}부터 연결됨, 끊긴 횟수 {1}회',
      'chip.shared': '이 브라우저의 탭들이 연결 하나를 함께 씁니다.',
      'chip.close': '닫기',
      'why.first': '알림이 오는 대로 받습니다.',
      'why.slow': '4초마다 새 알림을 확인합니다.',
      'why.chosen': '직접 고른 방법입니다.',
      'why.fallback': '이 네트워크에서 되는 방법 가운데 가장 빠른 것을 쓰고 있습니다.',
      'why.restart': '서버가 다시 시작하고 있습니다. 놓친 알림은 연결되면 모두 받습니다.',
      'why.busy': '서버가 바빠 잠시 뒤에 다시 연결합니다. 놓친 알림은 연결되면 모두 받습니다.',
      'why.lost': '연결이 끊겼습니다. 놓친 알림은 연결되면 모두 받습니다.',
      'why.silent': '서버에서 소식이 없어 다시 연결합니다. 놓친 알림은 연결되면 모두 받습니다.',
      'why.refused': '서버에 닿지 않습니다. 네트워크를 확인해 주세요. 놓친 알림은 연결되면 모두 받습니다.',
      'why.blocked': '고른 방법이 이 네트워크에서 되지 않습니다. “자동”을 골라 보세요.',
      'why.broken': '서버가 요청을 거절했습니다: {0}',
      'failed.missing': '{0}: 이 브라우저에는 없습니다.',
      'failed.refused': '{0}: 이 네트워크에서 거절되었습니다.',
      'failed.refused.status': '{0}: 거절되었습니다 (HTTP {1}).',
      'failed.silent': '{0}: 응답이 오지 않았습니다.',
      'failed.held': '{0}: 중간의 프록시가 모아 두어 제때 오지 않습니다.',
      'failed.lost': '{0}: 연결이 자꾸 끊깁니다.',
      'say.live': '연결되었습니다.',
      'say.waiting': '연결이 끊겼습니다. 다시 연결하고 있습니다.'
    },
    en: {
      'title': 'Bongsu · Notifications',
      'name': 'Bongsu',
      'skip': 'Skip to the notifications',
      'language': 'Language',
      'opening.failed': 'The server cannot be reached. Trying again.',

      'signIn': 'Sign in',
      'signIn.intro': 'Sign in with your company account to see new notifications as they arrive.',
      'signIn.user': 'User name',
      'signIn.password': 'Password',
      'signIn.busy': 'Checking…',
      'signIn.wrong': 'The user name or the password is not right. Please try again.',
      'signIn.forbidden': 'This account may not see notifications. Please ask your administrator for access.',
      'signIn.unreachable': 'The server cannot be reached. Please try again in a moment.',
      'signIn.expired': 'You have been signed out. Sign in to go on where you were; what you were writing is still here.',
      'signOut': 'Sign out',
      'user': '{0}',

      'list': 'Notifications',
      'list.empty': 'No notifications yet.',
      'list.emptyTry': 'No notifications yet. Send one with the command below.',
      'list.older': 'Show older notifications',
      'list.olderFailed': 'The older notifications could not be loaded. Please press again.',
      'list.loadFailed': 'The list could not be loaded. Trying again.',
      'list.more': '{0} new',
      'list.arrived': 'New notification: {0}',
      'list.arrivedMany': '{0} new notifications',
      'list.link': 'Open',
      'reset.epoch': 'The server’s history was replaced, so the list was loaded again. Some older notifications may be missing.',
      'reset.ahead': 'The server went back to an older history, so the list was loaded again. Some recent notifications may be missing.',
      'reset.trimmed': 'While you were away some notifications passed their keeping time. Some below this line may be missing.',

      'priority.urgent': 'Urgent',
      'priority.high': 'High',
      'priority.normal': 'Normal',
      'priority.low': 'Low',
      'priority.min': 'Quiet',
      'status.resolved': 'Resolved',

      'try': 'Send one from the command line',
      'try.intro': 'Paste this into a terminal and it appears here at once. curl asks for the password.',
      'try.title': 'Backup finished',
      'try.body': '412 GB saved in 38 minutes.',
      'try.chat': 'Hello',

      'chat': 'Chat',
      'chat.room': 'Everyone',
      'chat.log': 'Conversation in the room Everyone',
      'chat.empty': 'Nothing here yet. Say hello.',
      'chat.field': 'Message',
      'chat.placeholder': 'Write a message',
      'chat.keys': 'Enter sends, Shift+Enter starts a new line',
      'chat.send': 'Send',
      'chat.sending': 'Sending…',
      'chat.failed': 'Not sent.',
      'chat.unsent': 'Not sent yet. It is sent again when the connection is back.',
      'chat.refused': 'This cannot be sent: {0}',
      'chat.again': 'Send again',
      'chat.discard': 'Discard',
      'chat.more': 'New messages',

      'chip.label': 'Connection. Press for details',
      'chip.stopped': 'Not connected',
      'chip.connecting': 'Connecting…',
      'chip.waiting': 'Reconnecting ({0} s)',
      'chip.live.websocket': 'Live · WebSocket',
      'chip.live.sse': 'Live · SSE',
      'chip.live.longpoll': 'Nearly live · Long-polling',
      'chip.live.poll': 'Up to 4 s late · Polling',
      'chip.choose': 'Receive by',
      'chip.auto': 'Automatic (the fastest that works)',
      'chip.websocket': 'WebSocket',
      'chip.sse': 'SSE',
      'chip.longpoll': 'Long-polling',
      'chip.poll': 'Polling (every 4 s)',
      'chip.now': 'Connect now',
      'chip.since': 'Connected since {0}, interruptions: {1}',
      'chip.shared': 'The tabs of this browser share one connection.',
      'chip.close': 'Close',
      'why.first': 'Notifications are received as they come.',
      'why.slow': 'New notifications are looked for every 4 seconds.',
      'why.chosen': 'You chose this one.',
      'why.fallback': 'This is the fastest way that works on this network.',
      'why.restart': 'The server is restarting. Whatever you miss is delivered when it is back.',
      'why.busy': 'The server is busy; trying again shortly. Whatever you miss is delivered then.',
      'why.lost': 'The connection broke. Whatever you miss is delivered when it is back.',
      'why.silent': 'Nothing was heard from the server, so the connection is made anew. Whatever you miss is delivered then.',
      'why.refused': 'The server cannot be reached. Please check your network. Whatever you miss is delivered when it is back.',
      'why.blocked': 'This one does not work on this network. Try “Automatic”.',
      'why.broken': 'The server refused: {0}',
      'failed.missing': '{0}: this browser does not have it.',
      'failed.refused': '{0}: refused on this network.',
      'failed.refused.status': '{0}: refused (HTTP {1}).',
      'failed.silent': '{0}: no answer came.',
      'failed.held': '{0}: held back by a proxy on the way.',
      'failed.lost': '{0}: the connection keeps breaking.',
      'say.live': 'Connected.',
      'say.waiting': 'The connection was lost. Reconnecting.'
    }
  };

  /** Attribute that remembers the key → what is set from it. */
  var PLACES = {
    'data-word': function (element, text) {
      element.textContent = text;
    },
    'data-word-label': function (element, text) {
      element.setAttribute('aria-label', text);
    },
    'data-word-placeholder': function (element, text) {
      element.setAttribute('placeholder', text);
    }
  };

  function two(number) {
    return (number < 10 ? '0' : '') + number;
  }

  function clock(date) {
    return two(date.getHours()) + ':' + two(date.getMinutes());
  }

  var MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  var DAYS = ['일', '월', '화', '수', '목', '금', '토'];

  function day(date, language) {
    if (language === 'ko') {
      return (date.getMonth() + 1) + '월 ' + date.getDate() + '일 (' + DAYS[date.getDay()] + ')';
    }
    return date.getDate() + ' ' + MONTHS[date.getMonth()];
  }

  /**
   * @param {Document} document
   * @param {string} language ko or en
   */
  portal.words = function (document, language) {
    function say(key, args) {
      return TEXTS[language][key].replace(/\{(\d)\}/g, function (whole, index) {
        return args[index];
      });
    }

    function fill(element, attribute) {
      var key = element.getAttribute(attribute);
      if (key) PLACES[attribute](element, say(key, element.bongsuArguments || []));
    }

    function show(element) {
      var date = new Date(element.getAttribute('datetime'));
      var today = new Date();
      var sameDay = date.toDateString() === today.toDateString();
      element.textContent = sameDay ? clock(date)
        : day(date, language) + (language === 'ko' ? ' ' : ', ') + clock(date);
      element.title = date.getFullYear() + '-' + two(date.getMonth() + 1) + '-' + two(date.getDate()) + ' ' +
        clock(date) + ':' + two(date.getSeconds());
    }

    function each(selector, then) {
      Array.prototype.forEach.call(document.querySelectorAll(selector), then);
    }

    function speak(wanted) {
      language = wanted;
      document.documentElement.lang = language;
      document.title = say('title', []);
      Object.keys(PLACES).forEach(function (attribute) {
        each('[' + attribute + ']', function (element) {
          fill(element, attribute);
        });
      });
      each('time[datetime]', show);
    }

    // A time of today is shown without its day, which is wrong from midnight on. Looked at again and again, since the
    // timer of a computer that sleeps does not run.
    var shownOn = new Date().toDateString();
    setInterval(function () {
      var today = new Date().toDateString();
      if (today !== shownOn) each('time[datetime]', show);
      shownOn = today;
    }, 30000);

    return {
      /** The sentence, for what is not an element. */
      say: say,

      /** Makes the sentence the text of the element; returns the element. */
      put: function (element, key, args) {
        element.setAttribute('data-word', key);
        element.bongsuArguments = args;
        fill(element, 'data-word');
        return element;
      },

      /** Takes the sentence away again. */
      clear: function (element) {
        element.removeAttribute('data-word');
        element.textContent = '';
      },

      /** A time element for an instant as the server writes it; the exact time is its tooltip. */
      time: function (instant) {
        var element = document.createElement('time');
        element.setAttribute('datetime', instant);
        show(element);
        return element;
      },

      /** @param {number} milliseconds since 1970 */
      clock: function (milliseconds) {
        return clock(new Date(milliseconds));
      },

      /** Says everything again in this language. */
      speak: speak,

      language: function () {
        return language;
      }
    };
  };

  /** @returns {string} ko for who reads Korean, else en */
  portal.languageOf = function (navigator) {
    var wanted = (navigator.languages && navigator.languages[0]) || navigator.language || navigator.userLanguage || '';
    return /^ko/i.test(wanted) ? 'ko' : 'en';
  };
}(window.Portal = window.Portal || {}));
