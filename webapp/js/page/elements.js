/*
 * Building pieces of the page. Text goes in as text, never as markup.
 */
(function (portal) {
  'use strict';

  /**
   * @param {string} name of the element
   * @param {string} className may be empty
   * @param {Array<Node>|string} content children, or text
   * @returns {Element}
   */
  portal.element = function (name, className, content) {
    var element = document.createElement(name);
    if (className) element.className = className;
    if (typeof content === 'string') {
      element.textContent = content;
    } else if (content) {
      content.forEach(function (child) {
        element.appendChild(child);
      });
    }
    return element;
  };

  /** A button with a word on it. */
  portal.button = function (words, key, className, pressed) {
    var button = words.put(portal.element('button', className), key);
    button.type = 'button';
    button.addEventListener('click', pressed);
    return button;
  };

  /**
   * A link that a message carries; only what the contract lets through, whatever the server has let through.
   * @returns {Element} null if it is no http(s) URL, nor a path on this host: "//" and "/\" begin another one's name
   */
  portal.link = function (words, address) {
    var link;
    if (!/^(https?:\/\/|\/(?![\/\\]))[^\u0000-\u0020]*$/i.test(address)) return null;
    link = words.put(portal.element('a', 'open'), 'list.link');
    link.href = address;
    link.rel = 'noopener noreferrer';
    link.target = '_blank';
    return link;
  };
}(window.Portal = window.Portal || {}));
